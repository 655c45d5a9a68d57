"""The books: what became of every record that arrived, so that they can be seen to balance.

Received = processed + dropped (by reason) + dead letters (by reason), for each camera and each
window of arrival time. Which records belong to a window is fixed by the broker's clock, so that
a job that comes back from a crash writes the same window again and never counts one twice.
"""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.times import Millis


class Page(Struct, frozen=True):
    """The books of one window of arrival time."""

    start: Millis
    processed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    revision: int = 0
    told: int = 0
    """How many records had been entered when it was last told."""

    @property
    def received(self) -> int:
        return self.processed + sum(self.dropped.values()) + sum(self.dead_letters.values())


Books = tuple[Page, ...]


def enter_processed(books: Books, received_at: int, window_ms: int) -> Books:
    page, others = _turn_to(books, received_at, window_ms)
    return (*others, replace(page, processed=page.processed + 1))


def enter_dropped(books: Books, received_at: int, window_ms: int, reason: str) -> Books:
    page, others = _turn_to(books, received_at, window_ms)
    return (*others, replace(page, dropped=_one_more(page.dropped, reason)))


def enter_dead_letter(books: Books, received_at: int, window_ms: int, reason: str) -> Books:
    page, others = _turn_to(books, received_at, window_ms)
    return (*others, replace(page, dead_letters=_one_more(page.dead_letters, reason)))


def close(
    books: Books, now: int, arrived_at: int, window_ms: int, grace_ms: int
) -> tuple[Books, tuple[Page, ...]]:
    """Return the books, and the pages that are to be told now: ended, and not told as they are.

    A page is forgotten when the newest record arrived (`arrived_at`) a window after its end. Not
    by the clock: after a pause the log still holds records of it that were not read.
    """
    told = tuple(
        replace(page, revision=page.revision + 1, told=page.received)
        for page in books
        if page.start + window_ms + grace_ms <= now and page.received > page.told
    )
    starts = {page.start for page in told}
    untold = tuple(page for page in books if page.start not in starts)
    kept = tuple(
        page for page in (*untold, *told) if page.start + 2 * window_ms + grace_ms > arrived_at
    )
    return kept, told


def _turn_to(books: Books, received_at: int, window_ms: int) -> tuple[Page, Books]:
    start = received_at - received_at % window_ms
    page = next((page for page in books if page.start == start), Page(start))
    return page, tuple(other for other in books if other.start != start)


def _one_more(numbers: Mapping[str, int], reason: str) -> Mapping[str, int]:
    return {**numbers, reason: numbers.get(reason, 0) + 1}
