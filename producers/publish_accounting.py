"""The books of one camera: every picture it gave is published, dropped for a reason, or open."""

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
    "stale",
    "buffer-full",
    "not-delivered",
]


@dataclass(frozen=True, slots=True)
class Account:
    """What the books say at one moment."""

    published: int = 0
    """Acknowledged by the broker, to the unit."""
    open: int = 0
    """Sent, and not answered yet."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    first_captured_at: Millis | None = None
    last_captured_at: Millis | None = None

    @property
    def seen(self) -> int:
        """How many pictures, and things that were none, the source gave."""
        return self.published + self.open + sum(self.dropped.values())


def add_up(accounts: Iterable[Account]) -> Account:
    """Return the books of several cameras together; the times of one say nothing of the others."""
    listed = list(accounts)
    return Account(
        published=sum(account.published for account in listed),
        open=sum(account.open for account in listed),
        dropped=sum((Counter(account.dropped) for account in listed), Counter[str]()),
    )


class PublishAccounts:
    """Keeps the books; the camera's thread and the broker's answers write in it."""

    def __init__(self, open_limit: int) -> None:
        """Allow that many pictures on their way at once: they are held in memory."""
        self._open_limit = open_limit
        self._changed = Condition()
        self._published = 0
        self._open = 0
        self._dropped: Counter[str] = Counter()
        self._first: Millis | None = None
        self._last: Millis | None = None

    def account(self) -> Account:
        with self._changed:
            return Account(
                self._published, self._open, dict(self._dropped), self._first, self._last
            )

    def drop(self, reason: DropReason) -> None:
        """Count what never was on its way."""
        with self._changed:
            self._dropped[reason] += 1

    def begin(self, *, patience: float) -> bool:
        """Count a picture as on its way; False where there is no room within `patience` s."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._open < self._open_limit, patience):
                return False
            self._open += 1
            return True

    def settle(self, *, patience: float) -> bool:
        """Wait until nothing is on its way; False where that takes more than `patience` s."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, patience)

    def deliver(self, captured_at: Millis) -> None:
        """Count a picture on its way as published."""
        with self._changed:
            self._open -= 1
            self._published += 1
            self._first = captured_at if self._first is None else min(self._first, captured_at)
            self._last = captured_at if self._last is None else max(self._last, captured_at)
            self._changed.notify()

    def fail(self, reason: DropReason) -> None:
        """Count a picture on its way as dropped."""
        with self._changed:
            self._open -= 1
            self._dropped[reason] += 1
            self._changed.notify()
