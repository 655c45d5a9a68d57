"""The clock that is handed in wherever time matters, so that tests need not wait."""

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from pycturestream.domain.times import Millis


def now() -> Millis:
    """Return the time of day in epoch milliseconds, where no clock is handed in."""
    return Millis(time.time_ns() // 1_000_000)


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> Millis:
        """Return the time of day, which people and time servers may change."""
        ...

    def seconds(self) -> float:
        """Return the seconds since some moment; they never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, or return early if the clock is stopped meanwhile."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether work is to end: sources and producers finish what they have begun."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The computer's clock; setting `stop` stops it and ends every wait."""

    stop: threading.Event = field(default_factory=threading.Event)

    def now(self) -> Millis:
        return now()

    def seconds(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.stop.wait(seconds)

    @property
    def stopped(self) -> bool:
        return self.stop.is_set()
