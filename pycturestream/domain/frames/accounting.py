"""Frame accounting: the outcome of every record that arrived, in numbers that must balance.

Received = processed + dropped (by reason) + dead letters (by reason), for each camera and each
window of arrival time. The broker's clock fixes which records belong to a window, so that a job
that restarts after a crash writes the same window again and never counts a record twice.
"""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.times import Millis


class AccountingWindow(Struct, frozen=True, array_like=True):
    """The numbers of one window of arrival time."""

    start: Millis
    processed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    revision: int = 0
    emitted: int = 0
    """How many records had been counted when it was last emitted."""

    @property
    def received(self) -> int:
        return self.processed + sum(self.dropped.values()) + sum(self.dead_letters.values())


FrameAccounts = tuple[AccountingWindow, ...]


def count_processed(accounts: FrameAccounts, received_at: int, window_ms: int) -> FrameAccounts:
    window, others = _select(accounts, received_at, window_ms)
    return (*others, replace(window, processed=window.processed + 1))


def count_dropped(
    accounts: FrameAccounts, received_at: int, window_ms: int, reason: str
) -> FrameAccounts:
    window, others = _select(accounts, received_at, window_ms)
    return (*others, replace(window, dropped=_one_more(window.dropped, reason)))


def count_dead_letter(
    accounts: FrameAccounts, received_at: int, window_ms: int, reason: str
) -> FrameAccounts:
    window, others = _select(accounts, received_at, window_ms)
    return (*others, replace(window, dead_letters=_one_more(window.dead_letters, reason)))


def dead_letters(accounts: FrameAccounts, received_at: int, window_ms: int, reason: str) -> int:
    """Return how many dead letters of a reason the window of a record has so far."""
    window, _ = _select(accounts, received_at, window_ms)
    return window.dead_letters.get(reason, 0)


def close(
    accounts: FrameAccounts, now: int, arrived_at: int, window_ms: int, grace_ms: int
) -> tuple[FrameAccounts, tuple[AccountingWindow, ...]]:
    """Return the accounts, and the windows to emit now: those that ended and changed since.

    A window is forgotten when the newest record arrived (`arrived_at`) one window after its end.
    The clock does not decide it: after a pause the log still holds unread records of the window.
    """
    newest_due = max(now, arrived_at - window_ms) - window_ms - grace_ms
    if not [window for window in accounts if window.start <= newest_due]:
        return accounts, ()  # as nearly always
    emitted = tuple(
        replace(window, revision=window.revision + 1, emitted=window.received)
        for window in accounts
        if window.start + window_ms + grace_ms <= now and window.received > window.emitted
    )
    starts = {window.start for window in emitted}
    others = tuple(window for window in accounts if window.start not in starts)
    kept = tuple(
        window
        for window in (*others, *emitted)
        if window.start + 2 * window_ms + grace_ms > arrived_at
    )
    return kept, emitted


def _select(
    accounts: FrameAccounts, received_at: int, window_ms: int
) -> tuple[AccountingWindow, FrameAccounts]:
    start = received_at - received_at % window_ms
    if accounts and accounts[-1].start == start:  # as nearly always
        return accounts[-1], accounts[:-1]
    window = next((window for window in accounts if window.start == start), AccountingWindow(start))
    return window, tuple(other for other in accounts if other.start != start)


def _one_more(numbers: Mapping[str, int], reason: str) -> Mapping[str, int]:
    return {**numbers, reason: numbers.get(reason, 0) + 1}
