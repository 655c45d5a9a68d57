"""A store in memory, held to the same contract as the real ones."""

from collections.abc import Callable, Sequence

from pycturestream.stores.batch_writer import (
    Answer,
    Busy,
    Done,
    RequestRejected,
    StoreUnavailable,
    Unwritable,
)
from pycturestream.stores.record import Record


class FakeStore:
    """Keeps the newest record of each id; tests make it unavailable, busy or overloaded."""

    def __init__(self) -> None:
        self.kept: dict[str, Record] = {}
        self.requests: list[int] = []
        """The number of records in each request."""
        self.prepared = 0
        self.away_for = 0
        """So many of the next requests get no answer."""
        self.busy: Callable[[Record, int], bool] = lambda _record, _request: False
        self.largest_request = 1_000
        self.spoils_requests: Callable[[Record], bool] = lambda _record: False

    def prepare(self) -> None:
        self.prepared += 1

    def write(self, records: Sequence[Record]) -> list[Answer]:
        self.requests.append(len(records))
        if self.away_for:
            self.away_for -= 1
            raise StoreUnavailable("no answer")
        if len(records) > self.largest_request or any(map(self.spoils_requests, records)):
            raise RequestRejected("request too large")
        return [self._put(record) for record in records]

    def close(self) -> None:
        self.kept.clear()

    def _put(self, record: Record) -> Answer:
        if self.busy(record, len(self.requests)):
            return Busy("queue full")
        if not isinstance(record.fields.get("max", 0), int):
            return Unwritable("max: not a number")
        if record.erased:
            self.kept.pop(record.id, None)
            return Done.ERASED
        kept = self.kept.get(record.id)
        if kept and _order(record) < _order(kept):
            return Done.OLDER
        self.kept[record.id] = record
        return Done.WRITTEN


def _order(record: Record) -> tuple[int, int]:
    return record.changed_at, record.revision or 0
