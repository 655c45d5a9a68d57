"""Live: the age of good cameras' results while somebody sends what is meant to stop the system.

Each kind of hostile record in turn, against the same load with nobody hostile.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kafka import KafkaProducer
from kafka.errors import KafkaError
from rich.table import Table

from benchmarks.accounts import balanced_accounts
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.hostile_records import KINDS
from benchmarks.load_generator import LoadReport, camera_ids, loading, read_report
from benchmarks.pictures import write_folder
from benchmarks.spread import POINTS, percentiles
from benchmarks.subscriber import listen, subscribed, wake
from pycturestream.clock import SystemClock
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.log.cameras import publish_cameras

NOBODY: Final = "nobody"
GOOD_FPS = 0.5
"""Of each good camera: a load that the system carries easily."""
RECORDS_A_SECOND = 100
SHARE = 0.2
"""Of one core, at most, that the hostile sender takes: it would have a machine of its own."""
REQUEST_LIMIT = 100_000_000
"""A hostile producer has no limit of its own."""
HEAD_START_S = 7.0
"""Of the good cameras: the load generator has started by then, and each of them has sent a frame,
so that its id is its own."""
AIM = 2.0
"""Times the p99 with nobody hostile."""


@dataclass(frozen=True, slots=True)
class Attacked:
    """The figures of good cameras during one kind of attack."""

    sent: LoadReport
    results: int
    hostile: int
    """Records that were sent, whether or not the broker took them."""
    age_ms: dict[str, int]
    """From the scheduled capture to the subscriber."""


def measure(bench: Bench) -> Finding:
    """Load the system with nobody hostile, then with each kind of hostile records, in turn."""
    pictures = write_folder(bench.jpegs, bench.settings.data_folder / "good-pictures")
    wake(bench, pictures)
    prefixes = {kind: f"good-{kind}" for kind in (NOBODY, *KINDS)}
    # Strangers take all places of cameras without settings.
    known = [Camera(camera) for prefix in prefixes.values() for camera in camera_ids(prefix)]
    publish_cameras(known, bench.settings, SystemClock())
    began = int(time.time() * 1000)
    found = {
        kind: _measure_kind(bench, pictures, kind, prefix) for kind, prefix in prefixes.items()
    }
    bench.report("hostile", "waiting for the accounts")
    published = {
        camera: one.published
        for each in found.values()
        for camera, one in each.sent.cameras.items()
    }
    impersonated = {_victim(prefix) for prefix in prefixes.values()}
    accounts, balanced = balanced_accounts(bench, published, began, impersonated)
    processed = {
        kind: sum(accounts[camera].processed for camera in each.sent.cameras)
        for kind, each in found.items()
    }
    ratios = ratios_of_p99(found)
    figures: dict[str, Any] = {
        "aim": AIM,
        "balanced": balanced,
        "kinds": {
            kind: {"seen": each, "processed": processed[kind], "p99_ratio": ratios.get(kind)}
            for kind, each in found.items()
        },
    }
    return Finding(figures, [hostile_table(found, processed, balanced=balanced)])


def ratios_of_p99(found: dict[str, Attacked]) -> dict[str, float]:
    """Return each kind's p99 over that with nobody hostile; nothing where one is missing."""
    normal = found[NOBODY].age_ms.get("p99")
    if not normal:
        return {}
    return {
        kind: round(each.age_ms["p99"] / normal, 2)
        for kind, each in found.items()
        if "p99" in each.age_ms
    }


def hostile_table(
    found: dict[str, Attacked], processed: dict[str, int], *, balanced: bool
) -> Table:
    """Show the age of good cameras' results, and whether all their frames were processed."""
    ratios = ratios_of_p99(found)
    table = make_table(
        "Good cameras: age of a result at a subscriber of Redis, ms, while somebody sends ..."
        + ("" if balanced else " (THE ACCOUNTS DO NOT BALANCE)"),
        ("kind", "hostile records", "published", "processed", *POINTS, "p99 of normal"),
    )
    for kind, each in found.items():
        table.add_row(
            kind,
            str(each.hostile),
            str(sum(one.published for one in each.sent.cameras.values())),
            str(processed[kind]),
            *(str(each.age_ms.get(point, "-")) for point in POINTS),
            f"{ratios[kind]:.2f}" if kind in ratios else "-",
        )
    return table


def _measure_kind(bench: Bench, pictures: Path, kind: str, prefix: str) -> Attacked:
    plan = bench.plan
    bench.report("hostile", f"{kind}: {GOOD_FPS} frames/s of each good camera")
    with (
        subscribed(bench, prefix) as pushes,
        _attack(bench, kind, _victim(prefix)) as hostile,
        loading(pictures, prefix, GOOD_FPS, plan.settle_s + plan.listen_s) as process,
    ):
        received = list(listen(pushes, process))
        sent = read_report(process)
        number = hostile[0]
    start = parse_rfc3339(sent.started_at) + Millis(round(plan.settle_s * 1000))
    ages = [each.received_at - each.captured_at for each in received if each.captured_at >= start]
    return Attacked(sent, len(received), number, percentiles(ages))


def _victim(prefix: str) -> str:
    """Return the good camera that hostile records name."""
    return camera_ids(prefix)[0]


@contextmanager
def _attack(bench: Bench, kind: str, good: str) -> Iterator[list[int]]:
    """Send records of a kind, again and again, until the block ends; yield how many, so far."""
    sent, done = [0], threading.Event()
    if kind == NOBODY:
        yield sent
        return
    hostile = KafkaProducer(
        bootstrap_servers=bench.settings.kafka,
        compression_type="gzip",
        max_request_size=REQUEST_LIMIT,
        enable_idempotence=False,  # or nothing more is sent after a record that is refused
    )

    def send() -> None:
        done.wait(HEAD_START_S)
        while True:
            for record in KINDS[kind](good, bench.jpegs[0]):
                if done.is_set():
                    return
                began = time.thread_time()
                with suppress(KafkaError):  # refused: even better
                    hostile.send(
                        record.topic, key=record.key, value=record.value, headers=record.headers
                    )
                sent[0] += 1
                took = time.thread_time() - began
                done.wait(max(1 / RECORDS_A_SECOND, took / SHARE - took))

    sender = threading.Thread(target=send, name="hostile")
    with closing(hostile):
        sender.start()
        try:
            yield sent
        finally:
            done.set()
            sender.join()
