"""Pictures that are shown and kept: what they cost, and what results notice of them.

The same light load again and again: with nobody who wants pictures, with all of them archived,
while five pages show all cameras, and with both; then, unless it is to be quick, all of it again in
the other order.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from rich.table import Table

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.load_generator import LoadReport, camera_ids, loading, read_report
from benchmarks.pictures import write_folder
from benchmarks.plan import CAMERAS
from benchmarks.spread import POINTS, percentiles
from benchmarks.subscriber import listen, subscribed, wake
from benchmarks.usage import BENCHMARK, Memory
from pycturestream.application.live_pictures import RedisLivePictures
from pycturestream.clock import SystemClock
from pycturestream.contracts.live_pictures import LivePicture
from pycturestream.domain.cameras.camera import Archiving, Camera
from pycturestream.domain.frames.live_picture import LiveSize
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.stack import PictureServer
from pycturestream.log.cameras import publish_cameras
from pycturestream.signals import ends_as

PICTURES_A_SECOND: Final = 5.0
"""Of all cameras together: what a picture service can do beside detection on two cores."""
PAGES: Final = 5
"""That show all cameras small and the first one large. Each has a subscription of its own, as if it
were in a process of its own."""
ROUNDS: Final = 2
"""There and back, so that each way has the same place on average."""
READY_S: Final = 30.0
"""In which the picture service starts, and later archives what waits."""
SMALL: Final[tuple[LiveSize, ...]] = ("small",)
BOTH_SIZES: Final[tuple[LiveSize, ...]] = ("small", "large")
KEPT: Final = Archiving(alerts=False, every=1)

NOBODY, ARCHIVED, WATCHED, BOTH = "nobody", "archived", "watched", "both"
WAYS: Final = (NOBODY, ARCHIVED, WATCHED, BOTH)


@dataclass(frozen=True, slots=True)
class Load:
    """What was seen during one load whose pictures are wanted in one way."""

    sent: LoadReport
    ages_ms: list[float]
    """Of results, from the scheduled capture to the subscriber."""
    results: int
    archived: int
    """Pictures in the archive at the end: each that has a result is to be there."""
    shown_ages_ms: list[float]
    """Of the live pictures that came to all pages, of all cameras."""
    cores: float
    """Of the picture service."""
    pages_cores: float
    """Of this process, in which the pages are, and which listens to results too."""
    memory: Memory | None
    """Of the picture service."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The figures of all loads whose pictures are wanted in one way."""

    sent: list[LoadReport]
    age_ms: dict[str, int]
    """Of the results of all loads."""
    p99_ms: list[int]
    """Of each load."""
    results: int
    archived: int
    shown_a_second: float
    """Live pictures that came to one page."""
    shown_age_ms: dict[str, int]
    cores: float
    pages_cores: float
    memory_mb: int | None


def together(loads: list[Load], seconds: float) -> Wanted:
    """Sum the loads of one way up, each of which was listened to for so many seconds."""
    shown = [age for load in loads for age in load.shown_ages_ms]
    memory = [load.memory.resident for load in loads if load.memory]
    return Wanted(
        sent=[load.sent for load in loads],
        age_ms=percentiles([age for load in loads for age in load.ages_ms]),
        p99_ms=[found["p99"] for load in loads if (found := percentiles(load.ages_ms))],
        results=sum(load.results for load in loads),
        archived=sum(load.archived for load in loads),
        shown_a_second=round(len(shown) / seconds / len(loads) / PAGES, 2),
        shown_age_ms=percentiles(shown),
        cores=round(fmean(load.cores for load in loads), 3),
        pages_cores=round(fmean(load.pages_cores for load in loads), 3),
        memory_mb=max(memory, default=None),
    )


def measure(bench: Bench) -> Finding:
    """Load the system in each way of WAYS, there and back."""
    pictures = write_folder(bench.jpegs, bench.settings.data_folder / "pictures-out")
    wake(bench, pictures)
    server = PictureServer(bench.settings)
    loads: dict[str, list[Load]] = {way: [] for way in WAYS}
    for number in range(min(bench.plan.rounds, ROUNDS)):
        # There and back: what grows slowly, such as caches and heaps, is no difference of ways.
        for way in WAYS if number % 2 == 0 else reversed(WAYS):
            try:
                if way != NOBODY:
                    launch(server)
                loads[way].append(_load(bench, pictures, way, number))
            finally:
                # A second Ctrl-C would leave it running.
                with ends_as(signal.SIG_IGN):
                    halt(server)
    found = {way: together(each, bench.plan.listen_s) for way, each in loads.items()}
    figures: dict[str, Any] = {
        "pictures_a_second": PICTURES_A_SECOND,
        "pages": PAGES,
        "ways": {
            way: {"seen": each, "p99_ratio": p99_ratio(found[NOBODY], each)}
            for way, each in found.items()
        },
    }
    return Finding(figures, [ages_table(found), pictures_table(found)])


def p99_ratio(without: Wanted, each: Wanted) -> float | None:
    """Return the p99 of results over that with nobody who wants pictures, if both have one."""
    if not without.age_ms or not each.age_ms:
        return None
    return round(each.age_ms["p99"] / max(1, without.age_ms["p99"]), 2)


def ages_table(found: dict[str, Wanted]) -> Table:
    table = make_table(
        f"Results in Redis, ms, {PICTURES_A_SECOND:g} frames/s",
        ("pictures are wanted by", "results", *POINTS, "p99 of each load", "p99 of nobody"),
    )
    for way, each in found.items():
        ratio = p99_ratio(found[NOBODY], each)
        table.add_row(
            way,
            str(each.results),
            *(str(each.age_ms.get(point, "-")) for point in POINTS),
            ", ".join(map(str, each.p99_ms)),
            "-" if ratio is None else f"{ratio:.2f}",
        )
    return table


def pictures_table(found: dict[str, Wanted]) -> Table:
    table = make_table(
        f"The picture service and {PAGES} pages",
        (
            "wanted by",
            "cores",
            "MB",
            "archived",
            "shown/s",
            "ms old p50",
            "p99",
            "cores of pages",
        ),
    )
    for way, each in found.items():
        table.add_row(
            way,
            f"{each.cores:.2f}",
            "-" if each.memory_mb is None else str(each.memory_mb),
            str(each.archived),
            f"{each.shown_a_second:.2f}",
            *(str(each.shown_age_ms.get(point, "-")) for point in ("p50", "p99")),
            f"{each.pages_cores:.2f}",
        )
    return table


def _load(bench: Bench, pictures: Path, way: str, number: int) -> Load:
    plan, prefix = bench.plan, f"out-{way}-{number}"
    names = camera_ids(prefix)
    bench.report("pictures-out", f"{way}: {PICTURES_A_SECOND:g} frames/s of {CAMERAS} cameras")
    archiving = KEPT if way in {ARCHIVED, BOTH} else None
    publish_cameras(
        [Camera(name, archive=archiving) for name in names], bench.settings, SystemClock()
    )
    if way != NOBODY:
        _wait_for_service(bench)
    fps = PICTURES_A_SECOND / CAMERAS
    shown: list[tuple[float, float]] = []
    """When a picture came, and how old it was then: epoch milliseconds, milliseconds."""
    with (
        subscribed(bench, prefix) as pushes,
        _pages(bench, names if way in {WATCHED, BOTH} else [], shown),
        loading(pictures, prefix, fps, plan.settle_s + plan.listen_s) as process,
    ):
        received = list(listen(pushes, process))
        memory = bench.recorder.memory().get(PictureServer.name)
        sent = read_report(process)
    start = parse_rfc3339(sent.started_at) + Millis(round(plan.settle_s * 1000))
    end = start + Millis(round(plan.listen_s * 1000))
    cores = bench.recorder.cores(start / 1000, end / 1000)
    return Load(
        sent=sent,
        ages_ms=[
            each.received_at - each.captured_at for each in received if each.captured_at >= start
        ],
        results=len(received),
        archived=_archived(bench, names, len(received)) if archiving else 0,
        shown_ages_ms=[age for at, age in shown if start <= at < end],
        cores=cores.get(PictureServer.name, 0.0),
        pages_cores=cores.get(BENCHMARK, 0.0),
        memory=memory,
    )


def _wait_for_service(bench: Bench) -> None:
    """Return when the picture service follows the log. Raises BenchmarkError."""
    log = PictureServer(bench.settings).log
    deadline = time.monotonic() + READY_S
    while "looked at" not in log.read_text("utf-8", "replace"):
        if time.monotonic() > deadline:
            raise BenchmarkError(f"the picture service was not ready within {READY_S:.0f} s")
        time.sleep(0.1)


def _archived(bench: Bench, names: list[str], expected: int) -> int:
    """Return how many pictures of these cameras are archived, once all are or time is up."""
    folder = Path(bench.settings.archive_place)
    deadline = time.monotonic() + READY_S
    while True:
        found = sum(1 for name in names for _ in folder.glob(f"{name}/*/*.jpg"))
        if found >= expected or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


@contextmanager
def _pages(bench: Bench, names: list[str], shown: list[tuple[float, float]]) -> Iterator[None]:
    """Let five pages look at these cameras during the block, if there are any."""
    wanted = dict.fromkeys(names, SMALL) | dict.fromkeys(names[:1], BOTH_SIZES)

    def show(picture: LivePicture) -> None:
        now = time.time() * 1000
        shown.append((now, now - parse_rfc3339(picture.header.captured_at)))

    with ExitStack() as stack:
        for _ in range(PAGES if names else 0):
            page = stack.enter_context(closing(RedisLivePictures(bench.settings)))
            page.start(lambda: wanted, show)
        yield
