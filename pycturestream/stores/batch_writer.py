"""Writes bundles of records to a store, retries, and returns one outcome for each record."""

import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from pycturestream.domain.erasure import Erasures
from pycturestream.errors import DataError, ServiceError
from pycturestream.stores.record import BadRecord, Record, decode_result, require_form
from pycturestream.stores.retries import retry_context

log = logging.getLogger(__name__)

REASON_LENGTH = 500
"""Characters: the record itself is kept beside its reason."""
_REMINDER_S = 600.0
"""How often the log says again that a bundle is waiting, and why."""


class Done(Enum):
    """The outcome of a record that its store has dealt with."""

    WRITTEN = "written"
    OLDER = "older"
    """The store holds a newer one, or the record has expired."""
    SKIPPED = "skipped"
    """This store does not keep such records."""
    ERASED = "erased"
    """What it tells of is erased: the store keeps nothing of it."""


@dataclass(frozen=True, slots=True)
class Unwritable:
    """The store will never take this record."""

    reason: str
    """At most REASON_LENGTH long: it may quote the record."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason[:REASON_LENGTH])


@dataclass(frozen=True, slots=True)
class Busy:
    """The store did not take this record now, but may later."""

    reason: str


WriteResult = Done | Unwritable
Answer = WriteResult | Busy


class StoreUnavailable(ServiceError):  # noqa: N818 - a state of the store
    """The store does not answer, or takes nothing at the moment."""


class RequestRejected(DataError):  # noqa: N818 - the answer to a request
    """The store rejected a request as a whole, such as one that is too large."""


class Store(Protocol):
    """What BatchWriter needs of a store. Writing a record twice must do no harm."""

    def prepare(self) -> None:
        """Install what writing needs; called first and after every outage."""

    def write(self, records: Sequence[Record]) -> list[Answer]:
        """Send one request and return one answer for each record, in order.

        Of a record that is `erased` nothing is kept, and what the store has of an alert from before
        it grew into an erased time is removed.

        Raises StoreUnavailable or RequestRejected when there is no answer for single records.
        """

    def close(self) -> None:
        """Close connections."""


class BatchWriter:
    """Repeats the writing of a bundle until its store has dealt with every record of it.

    It never gives up on an unavailable store: the store's data are late then, but complete. A
    request that is rejected as a whole is halved until the record that causes it is alone, so that
    the others are written.
    """

    def __init__(
        self,
        store: Store,
        erasures: Callable[[], Erasures] = Erasures,
        *,
        first_wait_s: float = 0.1,
        longest_wait_s: float = 10.0,
        on_written: Callable[[Record], None] = lambda _: None,
    ) -> None:
        """`erasures` returns what is erased now; by default nothing is.

        `on_written` gets each record that the store has taken.
        """
        self._store = store
        self._erasures = erasures
        self._on_written = on_written
        self._first_wait_s = first_wait_s
        self._longest_wait_s = longest_wait_s
        self._ready = False
        self.retries = 0
        """How often a write was repeated, in the life of this object."""

    def write(self, messages: Iterable[tuple[str, bytes | None]]) -> list[WriteResult]:
        """Write (topic, value) messages and return one outcome each, in order."""
        outcomes: list[WriteResult] = []
        records: list[Record] = []
        places: list[int] = []
        for place, (topic, value) in enumerate(messages):
            try:
                record = decode_result(topic, value)
                require_form(record)
            except BadRecord as bad:
                outcomes.append(Unwritable(str(bad)))
            else:
                outcomes.append(Done.SKIPPED)
                records.append(record)
                places.append(place)
        for place, record, outcome in zip(places, records, self._retry(records), strict=True):
            outcomes[place] = outcome
            if outcome is Done.WRITTEN:
                self._on_written(record)
        return outcomes

    def close(self) -> None:
        self._store.close()

    def _retry(self, records: Sequence[Record]) -> list[WriteResult]:
        """Write until every record has its outcome."""
        outcomes: dict[int, WriteResult] = {}
        waiting: _Waiting | None = None
        attempts = retry_context(
            on=StoreUnavailable,
            attempts=None,
            timeout=None,
            wait_initial=self._first_wait_s,
            wait_max=self._longest_wait_s,
            wait_jitter=self._first_wait_s,
        )
        for attempt in attempts:
            with attempt:
                try:
                    self._write_rest(records, outcomes)
                except StoreUnavailable as error:
                    self._ready = False
                    self.retries += 1
                    waiting = waiting or _Waiting()
                    waiting.report(str(error), len(records) - len(outcomes))
                    raise
                if attempt.num > 1:
                    log.warning("the store is back, after %d attempts", attempt.num)
        return [outcomes[place] for place in range(len(records))]

    def _write_rest(self, records: Sequence[Record], outcomes: dict[int, WriteResult]) -> None:
        """Write the records without an outcome once; StoreUnavailable if some remain."""
        rest = [place for place in range(len(records)) if place not in outcomes]
        # At each attempt: what waited for the store may have been erased meanwhile.
        erasures = self._erasures()
        marked = [_marked(records[place], erasures) for place in rest]
        busy = ""
        for place, answer in zip(rest, self._write(marked), strict=True):
            if isinstance(answer, Busy):
                busy = answer.reason
            else:
                outcomes[place] = answer
        if busy:
            raise StoreUnavailable(busy)

    def _write(self, records: Sequence[Record]) -> list[Answer]:
        """Write once, in halves where the store rejects the whole."""
        if not records:
            return []
        if not self._ready:
            self._store.prepare()
            self._ready = True
        try:
            return self._store.write(records)
        except RequestRejected as rejected:
            if len(records) == 1:
                return [Unwritable(str(rejected))]
            half = len(records) // 2
            return self._write(records[:half]) + self._write(records[half:])


def _marked(record: Record, erasures: Erasures) -> Record:
    return replace(record, erased=True) if record.is_erased(erasures) else record


class _Waiting:
    """Logs why a bundle waits: at once, when the reason changes, and from time to time."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._reported_at = 0.0
        self._reason = ""

    def report(self, reason: str, records: int) -> None:
        """Log the reason of a failed attempt, if it is due; `records` are still to be written."""
        now = time.monotonic()
        # Figures in it, such as the bytes in use, may differ each time.
        plain = re.sub(r"\d+", "", reason)
        if plain == self._reason and now < self._reported_at + _REMINDER_S:
            return
        waited = f", for {now - self._since:.0f} s so far" if self._reason else ""
        log.warning("waiting for the store with %d records%s: %s", records, waited, reason)
        self._reason, self._reported_at = plain, now
