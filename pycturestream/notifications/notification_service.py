"""The alert service: reads alerts, decides, and stores the messages before they are sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

from kafka.errors import KafkaError

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.alerts import decode_alert
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import ALERTS
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.notifications.notification import (
    NotificationState,
    clamp,
    decide,
    erase,
    forget,
    ingest,
    restore,
)
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import HOUR_MS, Millis
from pycturestream.log.alerts import LogRecord, Partition
from pycturestream.logging_setup import get_logger
from pycturestream.notifications.notification_store import NotificationStore

_log = get_logger(__name__)
_RETRY_S = 1.0
_COMMIT_MS = 5_000
"""How often offsets are committed at most: Kafka's matter only when the store is lost."""


class AlertSource(Protocol):
    """Where alerts come from: `pycturestream.log.alerts.AlertLog`."""

    def partitions(self) -> list[Partition]: ...
    def committed(self) -> dict[Partition, int]: ...
    def ends(self) -> dict[Partition, int]: ...
    def past(self, since: Millis, before: Mapping[Partition, int]) -> Iterable[LogRecord]: ...
    def seek(self, offsets: Mapping[Partition, int]) -> None: ...
    def read(self) -> list[LogRecord]: ...
    def commit(self, offsets: Mapping[Partition, int]) -> None: ...
    def close(self) -> None: ...


class NotificationService:
    """Reads, decides, and stores what is to be sent; `Delivery` sends it."""

    def __init__(
        self,
        store: NotificationStore,
        recipients: Callable[[], Mapping[str, Recipient]],
        commands: Callable[[], AlertCommands],
        erasures: Callable[[], Erasures],
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._recipients = recipients
        self._commands = commands
        self._erasures = erasures
        self._erased = Erasures()
        """What the state and the store hold nothing of."""
        self._clock = clock
        self._settings = settings
        self._state = store.load()
        self._offsets = store.offsets()
        self._rejected = RejectedRecords(ALERTS)
        self._committed: Mapping[Partition, int] = {}
        self._committed_at = self._forgot_at = 0

    def run(self, connect: Callable[[], AlertSource]) -> None:
        """Work until the clock stops. Waits for a broker that does not answer."""
        logged, kafka = "", self._settings.kafka
        while not self._clock.stopped:
            try:
                log = connect()
                try:
                    if self.seek(log):
                        logged = ""
                        _log.info(f"reading alerts from Kafka at {kafka}", kafka=kafka)
                        self._follow(log)
                    failure = "has no topic alerts: run `pycturestream setup`"
                finally:
                    log.close()
            except KafkaError as error:
                failure = str(error or type(error).__name__)
            if not self._clock.stopped:
                if failure != logged:
                    _log.warning(f"Kafka at {kafka}: {failure}; trying again", kafka=kafka)
                logged = failure
                self._clock.sleep(_RETRY_S)

    def seek(self, log: AlertSource) -> bool:
        """Find the offsets to continue at; return False while there is no topic.

        The store has them. Where the store is new, the offsets committed to Kafka show how far an
        earlier store came: recipients were notified about everything before them. Without these
        either, nobody was notified yet, and nobody will be notified about the past.
        """
        if not log.partitions():
            return False
        if not self._offsets:
            offsets = log.committed()
            recipients = tuple(self._recipients().values()) if offsets else ()
            if offsets:
                _log.warning("the store of the alert service is new: continuing at Kafka's offsets")
            else:
                offsets = log.ends()
            self._restore(log, offsets, recipients)
        log.seek(self._offsets)
        return True

    def process(self, records: Sequence[LogRecord]) -> None:
        """Ingest these records, and store the new state with the messages that are due now."""
        now = self._clock.now()
        recipients, commands = tuple(self._recipients().values()), self._commands()
        erasures = self._erasures()
        if erasures != self._erased:
            self._store.erase(erasures)
            self._state, self._erased = erase(self._state, erasures), erasures
        state = clamp(self._state, now)
        if state is not self._state:
            _log.warning("the clock was set back: what was sent at times to come counts as now")
        for record in records:
            try:
                alert = decode_alert(record.value or b"")
            except CodecError as error:
                topic, number = record.partition
                position = f"{topic}/{number}/{record.next_offset - 1}"
                if self._rejected.add():
                    _log.warning(
                        f"{position}: not an alert, skipped: {error}",
                        record=position,
                        skipped=self._rejected.count,
                    )
            else:
                state = ingest(state, alert, recipients, commands, now)
                if alert.is_erased(erasures):  # as a whole, also what it was before
                    state = erase(state, erasures)
        if abs(now - self._forgot_at) > HOUR_MS:
            state = forget(state, now)
            self._store.forget(now)
            self._forgot_at = now
        state, messages = decide(state, recipients, commands, now)
        if state == self._state and not records:
            return
        by_name = {recipient.name: recipient for recipient in recipients}
        intents = [
            (message, channel)
            for message in messages
            for channel in by_name[message.recipient].channels
        ]
        offsets = {record.partition: record.next_offset for record in records}
        self._store.keep(state, offsets, intents, now)
        self._state, self._offsets = state, {**self._offsets, **offsets}

    def _follow(self, log: AlertSource) -> None:
        while not self._clock.stopped:
            records = log.read()
            self._store.when_possible(self._clock, partial(self.process, records))
            self._store.when_possible(self._clock, partial(self._commit, log))

    def _commit(self, log: AlertSource) -> None:
        """Commit offsets when all messages before them are sent: a lost store loses no alert."""
        now = self._clock.now()
        if self._offsets == self._committed or abs(now - self._committed_at) < _COMMIT_MS:
            return
        pending = any(one.pending for one in self._state.recipient_states.values())
        if not pending and not self._store.counts().get("waiting"):
            log.commit(self._offsets)
            self._committed, self._committed_at = dict(self._offsets), now

    def _restore(
        self, log: AlertSource, offsets: Mapping[Partition, int], recipients: Sequence[Recipient]
    ) -> None:
        state, now = NotificationState(), self._clock.now()
        for record in log.past(now - self._settings.alert_restore_ms, offsets):
            try:
                alert = decode_alert(record.value or b"")
            except CodecError:
                continue  # an earlier service has reported it
            state = restore(state, alert, recipients, now)
        state = erase(state, self._erasures())
        self._store.when_possible(self._clock, lambda: self._store.keep(state, offsets))
        self._state, self._offsets = state, dict(offsets)
