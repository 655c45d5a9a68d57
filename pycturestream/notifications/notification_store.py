"""The alert service's state and outbox: one SQLite file.

Decisions, the messages that they led to and the offsets in the log are written in one transaction,
before anything is sent. So is each attempt to send; the mark that a message was sent is written
after it. So nothing is lost and nothing is decided twice, wherever the service is killed; what was
being sent then is sent again, with the same id.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Literal, TypeVar

import msgspec

from pycturestream.backoff import backoff_ms
from pycturestream.clock import Clock
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.notifications.notification import (
    Message,
    NotificationState,
    RecipientState,
    Situation,
    erase,
    erase_from_message,
)
from pycturestream.domain.notifications.recipient import Channel
from pycturestream.domain.times import HOUR_MS, Millis
from pycturestream.errors import ServiceError
from pycturestream.log.alerts import Partition
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)

EntryState = Literal["waiting", "sent", "undeliverable"]

SENT_KEEP_MS = 7 * 24 * HOUR_MS
UNDELIVERABLE_KEEP_MS = 30 * 24 * HOUR_MS
"""As long as the log keeps the alerts."""

_VERSION = 1
_TABLES = """
CREATE TABLE situations (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE correspondences (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE places (
    topic TEXT, partition INTEGER, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    thread TEXT NOT NULL,
    value BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    written_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    settled_at INTEGER,
    error TEXT NOT NULL DEFAULT '',
    UNIQUE (message_id, channel)
);
CREATE INDEX outbox_by_state ON outbox (state, channel, number);
CREATE INDEX outbox_by_thread ON outbox (thread, state);
"""
_Value = TypeVar("_Value", Situation, RecipientState)
_Result = TypeVar("_Result")

INTERRUPTED = "the alert service ended while it was being sent"
"""The error of a message without an outcome."""
_FIRST_WAIT_MS = 200
_LONGEST_WAIT_MS = 10_000
"""Before the file is tried again."""


class StoreError(ServiceError):
    """The file can't be used; the message is one line that says what to do."""


class StoreBlockedError(StoreError):
    """The file can't be used now: no disk space, no permission, or another process has it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on one channel, and its delivery state."""

    number: int
    channel: Channel
    message: Message
    state: EntryState
    written_at: Millis
    attempts: int
    next_at: Millis
    error: str


class NotificationStore:
    """The state and the outbox; several threads may use it."""

    def __init__(self, path: Path | None) -> None:
        """Open or create the file; None: in memory, for tests. Raises StoreError."""
        self._name = str(path or "memory")
        self._lock = RLock()
        self._blocked = False
        with self._readable():
            self._connection = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False, timeout=10
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A mark that a power cut takes back would be a second email.
            self._connection.execute("PRAGMA synchronous = FULL")
            # What is deleted must not be found in the file's free pages.
            self._connection.execute("PRAGMA secure_delete = ON")
            self._prepare()
        self._kept = NotificationState()

    def load(self) -> NotificationState:
        """Return the stored state."""
        with self._readable():
            self._kept = NotificationState(
                self._read("SELECT key, value FROM situations", Situation),
                self._read("SELECT key, value FROM correspondences", RecipientState),
            )
        return self._kept

    def offsets(self) -> dict[Partition, int]:
        """Return the next offset to read, of each partition that was read."""
        with self._readable():
            rows = self._connection.execute("SELECT topic, partition, next_offset FROM places")
            return {(topic, number): offset for topic, number, offset in rows}

    def keep(
        self,
        state: NotificationState,
        offsets: Mapping[Partition, int],
        messages: Sequence[tuple[Message, Channel]] = (),
        now: Millis = 0,
    ) -> None:
        """Write the state, the offsets and the messages to send, all or nothing."""
        before = self._kept
        with self._transaction() as cursor:
            _write(cursor, "situations", before.situations, state.situations)
            _write(cursor, "correspondences", before.recipient_states, state.recipient_states)
            cursor.executemany(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?)",
                [(topic, number, offset) for (topic, number), offset in offsets.items()],
            )
            cursor.executemany(
                "INSERT OR IGNORE INTO outbox"
                " (message_id, channel, recipient, thread, value, written_at, next_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        *(one.id, channel, one.recipient, one.thread or one.id),
                        *(msgspec.msgpack.encode(one), now, now),
                    )
                    for one, channel in messages
                ],
            )
        self._kept = state

    def due(self, channel: Channel, now: Millis, busy: Collection[str] = ()) -> Entry | None:
        """Return the first message that is due, and not to a recipient of `busy`.

        None comes before an earlier one to its recipient about the same alert: no reply before the
        message that it replies to, no digest that says an alert has ended before its beginning.
        """
        after, names = 0, msgspec.json.encode(list(busy)).decode()
        while found := self._entries(
            "WHERE state = 'waiting' AND channel = ? AND next_at <= ? AND number > ?"
            " AND recipient NOT IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT 1",
            (channel, now, after, names),
        ):
            [entry] = found
            if not self._overtakes(entry):
                return entry
            after = entry.number
        return None

    def begin(self, entry: Entry) -> None:
        """Write that the message is being sent, before it is."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE outbox SET error = ? WHERE number = ?", (INTERRUPTED, entry.number)
            )

    def mark_sent(self, entry: Entry, now: Millis) -> None:
        self._settle(entry, "sent", "", now)

    def mark_undeliverable(self, entry: Entry, error: str, now: Millis) -> None:
        self._settle(entry, "undeliverable", error, now)

    def postpone(self, entry: Entry, error: str, next_at: Millis) -> None:
        """Schedule the next attempt."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE outbox SET attempts = attempts + 1, error = ?, next_at = ?"
                " WHERE number = ?",
                (error, next_at, entry.number),
            )

    def hold(self, channel: Channel, recipient: str | None, next_at: Millis) -> None:
        """Attempt nothing on the channel (to one recipient) before that time: it is unavailable."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE outbox SET next_at = max(next_at, ?)"
                " WHERE state = 'waiting' AND channel = ? AND recipient = ifnull(?, recipient)",
                (next_at, channel, recipient),
            )

    def clamp(self, now: Millis, longest_wait_ms: int) -> int:
        """Bring times to come, which a clock that was wrong has left, back to now.

        An attempt may be scheduled for `longest_wait_ms` later. Return how many messages changed.
        """
        latest = now + longest_wait_ms
        with self._transaction() as cursor:
            return cursor.execute(
                "UPDATE outbox SET written_at = min(written_at, ?),"
                " settled_at = min(settled_at, ?),"
                " next_at = CASE WHEN next_at > ? THEN ? ELSE next_at END"
                " WHERE written_at > ? OR settled_at > ? OR next_at > ?",
                (now, now, latest, now, now, now, latest),
            ).rowcount

    def retry(self, now: Millis) -> int:
        """Make all messages due now that wait or were given up; return how many these are."""
        with self._transaction() as cursor:
            return cursor.execute(
                "UPDATE outbox SET state = 'waiting', attempts = 0, written_at = ?, next_at = ?,"
                " settled_at = NULL WHERE state != 'sent'",
                (now, now),
            ).rowcount

    def unsent(self) -> list[Entry]:
        """Return the messages that wait or could not be delivered, the oldest first."""
        return self._entries("WHERE state != 'sent' ORDER BY number")

    def about(self, alert_id: str) -> list[Entry]:
        """Return the messages about an alert, sent or not, the oldest first."""
        entries = self._entries("ORDER BY number")
        return [entry for entry in entries if alert_id in {one.id for one in entry.message.alerts}]

    def about_erased(self, erasures: Erasures) -> list[Entry]:
        """Return the messages about alerts that these erasures cover, the oldest first."""
        entries = self._entries("ORDER BY number")
        return [
            entry
            for entry in entries
            if any(alert.is_erased(erasures) for alert in entry.message.alerts)
        ]

    def waits(self, channel: Channel, since: Millis) -> list[Millis]:
        """Return how long after its alert each first message was accepted.

        Only of messages accepted since then; after `SENT_KEEP_MS` they are removed.
        """
        with self._readable():
            rows = self._connection.execute(
                "SELECT value, settled_at FROM outbox"
                " WHERE state = 'sent' AND channel = ? AND settled_at >= ?",
                (channel, since),
            ).fetchall()
        sent = [(msgspec.msgpack.decode(value, type=Message), at) for value, at in rows]
        return [at - one.alerts[0].raised_at for one, at in sent if one.kind == "raised"]

    def counts(self) -> dict[EntryState, int]:
        """Return the number of messages in each state."""
        with self._readable():
            return dict(
                self._connection.execute("SELECT state, count(*) FROM outbox GROUP BY state")
            )

    def forget(self, now: Millis) -> None:
        """Remove messages that were sent or given up long ago."""
        with self._transaction() as cursor:
            cursor.execute(
                "DELETE FROM outbox WHERE (state = 'sent' AND settled_at < ?)"
                " OR (state = 'undeliverable' AND settled_at < ?)",
                (now - SENT_KEEP_MS, now - UNDELIVERABLE_KEEP_MS),
            )

    def erase(self, erasures: Erasures) -> Mapping[str, int]:
        """Remove what is about erased alerts, and return how many situations and messages.

        Of a message about several alerts the others stay. The service erases from the state that
        it has in memory too: see `notification.erase`.
        """
        with self._transaction() as cursor:
            before = NotificationState(
                self._read("SELECT key, value FROM situations", Situation),
                self._read("SELECT key, value FROM correspondences", RecipientState),
            )
            after = erase(before, erasures)
            _write(cursor, "situations", before.situations, after.situations)
            _write(cursor, "correspondences", before.recipient_states, after.recipient_states)
            messages = self._erased_messages(erasures)
            for number, message in messages:
                if message is None:
                    cursor.execute("DELETE FROM outbox WHERE number = ?", (number,))
                else:
                    cursor.execute(
                        "UPDATE outbox SET value = ? WHERE number = ?",
                        (msgspec.msgpack.encode(message), number),
                    )
        return {
            "situations": len(before.situations) - len(after.situations),
            "messages": len(messages),
        }

    def count_erased(self, erasures: Erasures) -> Mapping[str, int]:
        """Return how many situations and messages `erase` would remove."""
        with self._readable():
            situations = self._read("SELECT key, value FROM situations", Situation)
        return {
            "situations": sum(one.alert.is_erased(erasures) for one in situations.values()),
            "messages": len(self._erased_messages(erasures)),
        }

    def overwrite_erased(self) -> None:
        """Write the file anew, without the bytes of what was deleted from it."""
        with self._readable():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def when_possible(self, clock: Clock, act: Callable[[], _Result]) -> _Result:
        """Do something with this store, as soon as it can be used; the log says once if it waits.

        Raises StoreBlockedError if the clock stops before.
        """
        attempt = 0
        while True:
            try:
                result = act()
            except StoreBlockedError as error:
                self._report_blocked(error)
                if clock.stopped:
                    raise
                clock.sleep(backoff_ms(attempt, _FIRST_WAIT_MS, _LONGEST_WAIT_MS) / 1000)
                attempt += 1
            else:
                if attempt:
                    self._report_usable()
                return result

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _report_blocked(self, error: StoreBlockedError) -> None:
        with self._lock:
            if not self._blocked:
                _log.error(f"{error}; no message is sent before that")
            self._blocked = True

    def _report_usable(self) -> None:
        with self._lock:
            if self._blocked:
                _log.info(f"{self._name}: can be used again")
            self._blocked = False

    def _prepare(self) -> None:
        [(version,)] = self._connection.execute("PRAGMA user_version")
        if version == _VERSION:
            return
        if version != 0:
            raise StoreError(f"{self._name}: written by a newer version of this program: update it")
        self._connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;"
        )

    def _erased_messages(self, erasures: Erasures) -> list[tuple[int, Message | None]]:
        """Return what `erase` makes of each message that is about an erased alert."""
        entries = self._entries("ORDER BY number")
        kept = ((entry, erase_from_message(entry.message, erasures)) for entry in entries)
        return [(entry.number, message) for entry, message in kept if message is not entry.message]

    def _read(self, query: str, kind: type[_Value]) -> dict[str, _Value]:
        decoder = msgspec.msgpack.Decoder(kind)
        return {key: decoder.decode(value) for key, value in self._connection.execute(query)}

    def _entries(self, condition: str, values: Sequence[object] = ()) -> list[Entry]:
        with self._readable():
            rows = self._connection.execute(
                "SELECT number, channel, value, state, written_at, attempts, next_at, error"  # noqa: S608 - the conditions are written in this module
                f" FROM outbox {condition}",
                values,
            ).fetchall()
        return [
            Entry(number, channel, msgspec.msgpack.decode(value, type=Message), *rest)
            for number, channel, value, *rest in rows
        ]

    def _overtakes(self, entry: Entry) -> bool:
        """Whether an earlier message to its recipient is waiting that is about the same alert."""
        alerts = {alert.id for alert in entry.message.alerts}
        earlier = self._entries(
            "WHERE state = 'waiting' AND channel = ? AND recipient = ? AND number < ?",
            (entry.channel, entry.message.recipient, entry.number),
        )
        return any(alert.id in alerts for other in earlier for alert in other.message.alerts)

    def _settle(self, entry: Entry, state: EntryState, error: str, now: Millis) -> None:
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE outbox SET state = ?, error = ?, settled_at = ?, attempts = attempts + 1"
                " WHERE number = ?",
                (state, error, now, entry.number),
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._readable():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it
                    cursor.execute("ROLLBACK")
                raise

    @contextmanager
    def _readable(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (sqlite3.Error, msgspec.MsgspecError) as error:
                blocked = isinstance(error, sqlite3.OperationalError)
                raise (StoreBlockedError if blocked else StoreError)(
                    f"{self._name}: {error}: check disk space and permissions; a broken file can be"
                    " moved away, see docs/alerts.md"
                ) from error


def _write(
    cursor: sqlite3.Cursor, table: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Write the entries that changed; values are immutable, so identity shows it."""
    changed = [
        (key, msgspec.msgpack.encode(value))
        for key, value in after.items()
        if before.get(key) is not value
    ]
    gone = [(key,) for key in before.keys() - after.keys()]
    cursor.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", changed)  # noqa: S608
    cursor.executemany(f"DELETE FROM {table} WHERE key = ?", gone)  # noqa: S608 - names of this module's tables
