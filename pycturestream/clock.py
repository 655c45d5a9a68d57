"""Time for live sources: handed in, so that tests need not wait for it."""

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from pycturestream.domain.times import Millis


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> Millis:
        """Return the time of day, which people and servers may set."""
        ...

    def seconds(self) -> float:
        """Return seconds since some moment; they never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, or return early where the end has come."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether the end has come: sources and producers finish what they hold."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The computer's clock; setting `stop` ends every wait."""

    stop: threading.Event = field(default_factory=threading.Event)

    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def seconds(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.stop.wait(seconds)

    @property
    def stopped(self) -> bool:
        return self.stop.is_set()
