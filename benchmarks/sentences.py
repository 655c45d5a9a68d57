"""What is said: how long after its picture a sentence is in Redis, and begins to be spoken.

The load is light, as one person's is: what waits for other pictures is `latency`'s to tell.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from rich.table import Table

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.browser import NONE
from benchmarks.eye_page import Heard, listen_to_page
from benchmarks.load_generator import LoadProcess, camera_ids, loading, read_report
from benchmarks.pictures import write_folder
from benchmarks.spread import percentiles
from benchmarks.subscriber import LINGER_S, RESULTS, subscribed, wake
from pycturestream.application.speaking import Commentary, Listener, Report, Speaker
from pycturestream.clock import SystemClock
from pycturestream.domain.times import parse_rfc3339
from pycturestream.speech.synthesizer import find_synthesizer
from pycturestream.speech.voice import WavFolder
from pycturestream.stores.redis_view import Pushed

PREFIX = "heard"
FPS = 0.5
"""Of each camera. A picture every two seconds of the clip, so that there is something to tell."""
LISTENED = 4
"""Times as long as other loads: a camera says something every five seconds at most."""
WORDS_A_MINUTE = 170
SENTENCES = "narrations"
COLUMNS = ("ms from the picture", "p50", "p95", "max", "number")


@dataclass(frozen=True, slots=True)
class Ages:
    """Milliseconds from the moment at which a picture was due."""

    detections: list[float]
    """To the push of its detections."""
    sentences: list[float]
    """To the push of a sentence about it."""
    after_detections: list[float]
    """The difference of the two for one picture: below 0 where the sentence comes first."""
    speech: list[float]
    """To the first sample of speech."""


def measure(bench: Bench) -> Finding:
    """Listen to cameras, then to the page of the seeing aid."""
    pictures = write_folder(bench.jpegs, bench.settings.data_folder / "sentence-pictures")
    wake(bench, pictures)
    bench.report("sentences", f"listening for {LISTENED * bench.plan.listen_s:.0f} s")
    ages = _listen(bench, pictures)
    if not ages.sentences:
        raise BenchmarkError("no camera said anything")
    bench.report("sentences", "the page of the seeing aid")
    heard = listen_to_page(bench.settings, bench.plan.listen_s)
    figures = {
        "cameras": {name: percentiles(getattr(ages, name)) for name in ages.__slots__},
        "page": heard and {name: percentiles(getattr(heard, name)) for name in heard.__slots__},
    }
    return Finding(figures, [_cameras_table(ages), _page_table(heard)])


def _listen(bench: Bench, pictures: Path) -> Ages:
    ages = Ages([], [], [], [])
    detected: dict[str, float] = {}
    told_of: dict[str, float] = {}
    seconds = LISTENED * bench.plan.listen_s

    def told(report: Report) -> None:
        if report.outcome == "spoken" and report.utterance.frame_id:
            ages.speech.append(report.age_ms)

    clock, limit_ms = SystemClock(), bench.settings.spoken_within_ms
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="pycturestream-"))
        voice = stack.enter_context(WavFolder(find_synthesizer(WORDS_A_MINUTE), Path(folder)))
        listeners = {
            name: (
                Commentary(Listener(), limit_ms, bench.settings.offline_after_ms),
                stack.enter_context(closing(Speaker(voice, clock, limit_ms, told))),
            )
            for name in camera_ids(PREFIX)
        }
        pushes = stack.enter_context(subscribed(bench, PREFIX))
        process = stack.enter_context(loading(pictures, PREFIX, FPS, seconds))
        for pushed in _until_over(pushes, process):
            at = 1000 * time()
            captured_at = parse_rfc3339(pushed.record["captured_at"]) if pushed else 0
            if pushed and pushed.channel == RESULTS:
                detected[pushed.record["frame_id"]] = at
                ages.detections.append(at - captured_at)
            elif pushed and pushed.channel == SENTENCES:
                ages.sentences.append(at - captured_at)
                told_of[pushed.record["frame_id"]] = at
                commentary, speaker = listeners[pushed.camera_id]
                if said := commentary.heard(pushed, clock.now()):
                    speaker.offer(said)
            for _, speaker in listeners.values():
                speaker.advance()
        read_report(process)
    both = told_of.keys() & detected.keys()
    ages.after_detections.extend(told_of[frame] - detected[frame] for frame in both)
    return ages


def _until_over(pushes: Iterator[Pushed | None], process: LoadProcess) -> Iterator[Pushed | None]:
    """Yield what is pushed until the load has ended, and a little longer."""
    deadline = float("inf")
    for pushed in pushes:
        yield pushed
        if deadline == float("inf") and process.poll() is not None:
            deadline = time() + LINGER_S
        if time() > deadline:
            return


def _cameras_table(ages: Ages) -> Table:
    title = f"Sentences of {len(camera_ids(PREFIX))} cameras, {FPS:g} pictures/s each"
    rows = {
        "detections in Redis": ages.detections,
        "sentence in Redis": ages.sentences,
        "  after its detections": ages.after_detections,
        "start of speech": ages.speech,
    }
    return _table(title, rows)


def _page_table(heard: Heard | None) -> Table:
    if heard is None:
        return make_table(f"The page of the seeing aid: {NONE}", ("",))
    rows = {
        "sent": heard.sent,
        "result at the phone": heard.result,
        "unasked sentence begins": heard.spoken,
        "answer begins": heard.answer,
        "  after the question": heard.after_question,
    }
    return _table("The page of the seeing aid, in Chromium beside the system", rows)


def _table(title: str, rows: Mapping[str, list[float]]) -> Table:
    table = make_table(title, COLUMNS)
    for name, numbers in rows.items():
        points = percentiles(numbers)
        table.add_row(
            name,
            *(str(points.get(point, "-")) for point in ("p50", "p95", "max")),
            str(len(numbers)),
        )
    return table
