"""Frames on the topic of history, for whoever reads them from there."""

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.plan import CAMERAS
from producers.publisher import Publisher
from pycturestream.clock import SystemClock
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import Millis

BEGIN_AT = 1_795_251_600_000
"""2026-11-21T09:00:00Z: any time does, since history is not late."""
INTERVAL_MS = 100
"""Between two frames of a camera."""


def publish_history(bench: Bench) -> None:
    """Publish the frames of one run, of all cameras in turn. Raises BenchmarkError."""
    publisher = Publisher(bench.settings, "replay", SystemClock())
    account = publisher.open_account()
    try:
        for number in range(bench.plan.frames):
            turn, camera = divmod(number, CAMERAS)
            captured_at = Millis(BEGIN_AT + turn * INTERVAL_MS)
            frame = Frame(f"bench-{camera + 1:02}", captured_at, bench.jpeg(number), "replay")
            publisher.publish(frame, account)
    finally:
        publisher.close()
    counts = account.counts()
    if counts.published != bench.plan.frames:
        raise BenchmarkError(f"Kafka took {counts.published} of {bench.plan.frames} frames")
