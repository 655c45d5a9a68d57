"""The cost of cameras before the log: publishing, the motion gate, twenty cameras in one process.

It needs Kafka alone, and starts one of its own, so that no job takes the pictures, and the
processor, while they are measured.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.table import Table

from benchmarks.bench import Bench, Finding, make_table
from benchmarks.camera_load import (
    CAMERAS,
    FPS,
    CameraUsage,
    first_pictures,
    idle_gate_ms,
    passed_share,
    run_cameras,
    still_life,
)
from benchmarks.publishing import PLAIN, WAYS
from benchmarks.spread import Spread, spread
from pycturestream.config.settings import Settings
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.create_topics import create_topics

CLIPS = ("plaza", "gate", "street")
CLIP_FPS = 2.0
ROUND_FRAMES = 5
"""Times the frames of other parts in a round: publishing is that much faster."""


@dataclass(frozen=True, slots=True)
class PublishingWay:
    """One way to publish, in all rounds."""

    frames_a_second: Spread
    ratio: Spread
    """To the plain loop of the same round."""


def measure(bench: Bench) -> Finding:
    """Measure one part after the other, so that none slows down another."""
    moving = first_pictures("plaza")
    still = still_life(moving[0])
    views = {"people walk all the time": moving, "nothing moves": still}
    with _own_broker(bench) as settings:
        ways = _take_turns(bench, settings)
        taken = {}
        for view, shown in views.items():
            bench.report("producers", f"{CAMERAS} cameras, {view}")
            taken[view] = run_cameras(settings, shown, bench.plan.listen_s)
    idle_ms = round(idle_gate_ms(still), 2)
    shares = {clip: round(passed_share(clip, CLIP_FPS), 3) for clip in CLIPS}
    figures = {
        "publishing": ways,
        "cameras": {"number": CAMERAS, "fps": FPS, "views": taken},
        "idle_gate_ms": idle_ms,
        "passed_share": shares,
    }
    return Finding(figures, [ways_table(ways), cameras_table(taken, idle_ms), shares_table(shares)])


def ways_table(ways: Mapping[str, PublishingWay]) -> Table:
    columns = ("way", "frames/s", "from … to", f"of {PLAIN}")
    table = make_table("Publishing 100 kB frames from one process", columns)
    for name, way in ways.items():
        rate = way.frames_a_second
        ends = f"{rate.min:.0f} … {rate.max:.0f}"
        table.add_row(name, f"{rate.median:.0f}", ends, f"{way.ratio.median:.0%}")
    return table


def cameras_table(taken: Mapping[str, CameraUsage], idle_ms: float) -> Table:
    title = f"{CAMERAS} cameras of 768x576 at {FPS:g}/s with a motion gate, in one process"
    table = make_table(title, ("view", "cores", "published", "dropped"))
    for view, its in taken.items():
        drops = ", ".join(f"{count} {reason}" for reason, count in its.dropped.items())
        table.add_row(view, f"{its.cores:.2f}", str(its.published), drops or "-")
    table.caption = f"The gate of a camera where nothing moves takes {idle_ms:.2f} ms a picture."
    return table


def shares_table(shares: Mapping[str, float]) -> Table:
    table = make_table(f"What passes the gate at {CLIP_FPS:g}/s", ("clip", "pictures"))
    for clip, share in shares.items():
        table.add_row(clip, f"{share:.0%}")
    return table


def sum_up(rates: Mapping[str, list[float]]) -> dict[str, PublishingWay]:
    """Sum up the rounds of each way, beside those of the plain loop."""
    return {
        name: PublishingWay(
            spread(its, 0),
            spread([rate / plain for rate, plain in zip(its, rates[PLAIN], strict=True)]),
        )
        for name, its in rates.items()
    }


def _take_turns(bench: Bench, settings: Settings) -> dict[str, PublishingWay]:
    """Publish in each way, in turn, every second round in the opposite order."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for publish in WAYS.values():  # the broker's Java warms up
        publish(settings, bench.jpegs, bench.plan.frames)
    frames = ROUND_FRAMES * bench.plan.frames
    for number in range(bench.plan.rounds):
        for name in list(WAYS)[:: -1 if number % 2 else 1]:
            began = time.perf_counter()
            WAYS[name](settings, bench.jpegs, frames)
            rates[name].append(frames / (time.perf_counter() - began))
            bench.report("producers", f"publishing, {name}: {rates[name][-1]:.0f} frames/s")
    return sum_up(rates)


@contextmanager
def _own_broker(bench: Bench) -> Iterator[Settings]:
    """Yield the settings of a broker from which no job reads."""
    own = bench.beside("producers")
    server = KafkaServer(own)
    try:
        launch(server, bench.report)
        create_topics(own)
        yield own
    finally:
        halt(server, bench.report)
