"""A subscriber of Redis, as a listener is one, and the results that it received."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import BenchmarkError
from benchmarks.bench import Bench
from benchmarks.load_generator import LoadProcess, camera_ids, loading
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.stores.redis_view import Pushed, RedisView

LINGER_S = 3.0
"""After the last frame: older results would not be pushed."""
TICK_S = 0.2
WAKING_FPS = 0.5
"""Of each camera: little, while the model loads."""
WAKING_RESULTS = 20
WAKING_S = 120.0
RESULTS = "detections"
"""The channel of results, among those that a view listens to."""


@dataclass(frozen=True, slots=True)
class Received:
    """A result that a subscriber received."""

    captured_at: Millis
    processed_at: Millis
    received_at: float
    """Epoch milliseconds."""


def wake(bench: Bench, pictures: Path) -> None:
    """Send a few frames until results come: only the first one makes the job load its model."""
    bench.report("live", "first live frames")
    with (
        subscribed(bench, "wake") as pushes,
        loading(pictures, "wake", WAKING_FPS, WAKING_S) as process,
    ):
        for results, _ in enumerate(listen(pushes, process), 1):
            if results >= WAKING_RESULTS:
                return
    raise BenchmarkError(f"no {WAKING_RESULTS} live results within {WAKING_S:.0f} s")


@contextmanager
def subscribed(bench: Bench, prefix: str) -> Iterator[Iterator[Pushed | None]]:
    """Yield the pushes of a load's cameras, from now on."""
    with closing(RedisView(bench.settings)) as view:
        pushes = view.listen(camera_ids(prefix), tick_s=TICK_S)
        next(pushes)  # it listens from here on
        yield pushes


def listen(pushes: Iterator[Pushed | None], process: LoadProcess) -> Iterator[Received]:
    """Yield the results of the load's cameras, until no more can come."""
    deadline = float("inf")
    for pushed in pushes:
        now = time.time()
        if pushed and pushed.channel == RESULTS:
            captured_at, processed_at = pushed.record["captured_at"], pushed.record["processed_at"]
            yield Received(parse_rfc3339(captured_at), parse_rfc3339(processed_at), now * 1000)
        if deadline == float("inf") and process.poll() is not None:
            deadline = now + LINGER_S
        if now > deadline:
            return
