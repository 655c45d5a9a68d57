"""Frames a second into the log: a plain loop, and this project's publisher in both its modes."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, Final

from benchmarks import BenchmarkError
from producers.publisher import Publisher
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import Millis
from pycturestream.log.clients import producer

PLAIN = "plain kafka-python"
LIVE_CAMERAS = 20


def publish_plainly(settings: Settings, jpegs: Sequence[bytes], frames: int) -> None:
    """Send without accounts, with as many frames in flight as the publisher allows."""
    wait_s = settings.live_delivery_timeout_ms / 1000
    kafka = producer(settings, "benchmark", acks=1, enable_idempotence=False, batch_size=500_000)
    try:
        in_flight: deque[Any] = deque()
        for jpeg in islice(cycle(jpegs), frames):
            if len(in_flight) == settings.frames_in_flight:
                in_flight.popleft().get(wait_s)
            in_flight.append(kafka.send(FRAMES, key=b"plain", value=jpeg))
        kafka.flush(wait_s)
    finally:
        kafka.close()


def publish_history(settings: Settings, jpegs: Sequence[bytes], frames: int) -> None:
    """Publish one camera's history, of which nothing may be lost."""
    publisher = Publisher(settings, "replay", SystemClock())
    account = publisher.open_account()
    for number, jpeg in enumerate(islice(cycle(jpegs), frames)):
        publisher.publish(Frame("history", Millis(number), jpeg, "replay"), account)
    publisher.close()
    _expect(frames, account.counts().published)


def publish_live(settings: Settings, jpegs: Sequence[bytes], frames: int) -> None:
    """Publish the pictures of some cameras, each as soon as its last one is acknowledged."""
    clock = SystemClock()
    publisher = Publisher(settings, "live", clock)
    cameras = [(f"live-{number}", publisher.open_account()) for number in range(LIVE_CAMERAS)]
    turns = zip(cycle(cameras), cycle(jpegs), strict=False)
    for (camera_id, account), jpeg in islice(turns, frames):
        account.settle(timeout_s=settings.live_delivery_timeout_ms / 1000)
        publisher.publish(Frame(camera_id, clock.now(), jpeg), account)
    publisher.close()
    _expect(frames, sum(account.counts().published for _, account in cameras))


WAYS: Final[Mapping[str, Callable[[Settings, Sequence[bytes], int], None]]] = {
    PLAIN: publish_plainly,
    "history, one camera": publish_history,
    f"live, {LIVE_CAMERAS} cameras": publish_live,
}


def _expect(frames: int, published: int) -> None:
    if published != frames:
        raise BenchmarkError(f"{published} of {frames} frames published: too busy to measure")
