"""One camera's account: every picture it gave is published, dropped for a reason, or open."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Condition
from typing import Literal

from producers.picture import SkipReason
from pycturestream.domain.times import Millis

DropReason = Literal[
    SkipReason,
    "no-motion",
    "not-stored",
    "own-source",
    "stale",
    "buffer-full",
    "not-delivered",
]


@dataclass(frozen=True, slots=True)
class PublishCounts:
    """What became of a camera's pictures until one moment."""

    published: int = 0
    """Exactly those that the broker acknowledged."""
    open: int = 0
    """Sent, and not answered yet."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    first_captured_at: Millis | None = None
    last_captured_at: Millis | None = None

    @property
    def seen(self) -> int:
        """How many items the source gave, those included that were no picture."""
        return self.published + self.open + sum(self.dropped.values())


def add_up(counts: Iterable[PublishCounts]) -> PublishCounts:
    """Return the sums over several cameras, without times: those of one mean nothing for others."""
    listed = list(counts)
    return PublishCounts(
        published=sum(each.published for each in listed),
        open=sum(each.open for each in listed),
        dropped=sum((Counter(each.dropped) for each in listed), Counter[str]()),
    )


class PublishAccount:
    """Counts one camera's pictures; the camera's thread and the broker's answers update it."""

    def __init__(self, open_limit: int) -> None:
        """Allow so many pictures under way at once: they are held in memory."""
        self._open_limit = open_limit
        self._changed = Condition()
        self._published = 0
        self._open = 0
        self._dropped: Counter[str] = Counter()
        self._first: Millis | None = None
        self._last: Millis | None = None

    def counts(self) -> PublishCounts:
        with self._changed:
            return PublishCounts(
                self._published, self._open, dict(self._dropped), self._first, self._last
            )

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Count pictures that were never under way."""
        with self._changed:
            self._dropped[reason] += count

    def begin(self, *, timeout_s: float) -> bool:
        """Count a picture as under way; False where there is no room within `timeout_s` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._open < self._open_limit, timeout_s):
                return False
            self._open += 1
            return True

    def settle(self, *, timeout_s: float) -> bool:
        """Wait until nothing is under way; False where that takes more than `timeout_s` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout_s)

    def deliver(self, captured_at: Millis) -> None:
        """Count a picture under way as published."""
        with self._changed:
            self._open -= 1
            self._published += 1
            self._first = captured_at if self._first is None else min(self._first, captured_at)
            self._last = captured_at if self._last is None else max(self._last, captured_at)
            self._changed.notify()

    def fail(self, reason: DropReason) -> None:
        """Count a picture under way as dropped."""
        with self._changed:
            self._open -= 1
            self._dropped[reason] += 1
            self._changed.notify()
