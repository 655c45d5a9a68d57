"""The alert service: what the log says of alerts, decided and written down before it is sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from kafka.errors import KafkaError

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.alerts import decode_alert
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.notifications.notification import (
    NotificationState,
    decide,
    forget,
    ingest,
    restore,
)
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import HOUR_MS, Millis
from pycturestream.log.alerts import LogRecord, Partition
from pycturestream.notifications.delivery import Say
from pycturestream.notifications.notification_store import NotificationStore

_RETRY_S = 1.0
_COMMIT_MS = 5_000
"""How often Kafka is told of the place at most: it matters only when the store is lost."""


class Log(Protocol):
    """Where alerts come from: `pycturestream.log.alerts.AlertLog`."""

    def partitions(self) -> list[Partition]: ...
    def committed(self) -> dict[Partition, int]: ...
    def ends(self) -> dict[Partition, int]: ...
    def past(self, since: Millis, before: Mapping[Partition, int]) -> Iterable[LogRecord]: ...
    def begin(self, places: Mapping[Partition, int]) -> None: ...
    def read(self) -> list[LogRecord]: ...
    def commit(self, places: Mapping[Partition, int]) -> None: ...
    def close(self) -> None: ...


class NotificationService:
    """Reads, decides, and writes down what is to be sent; `Delivery` sends it."""

    def __init__(
        self,
        store: NotificationStore,
        recipients: Callable[[], Mapping[str, Recipient]],
        commands: Callable[[], AlertCommands],
        clock: Clock,
        settings: Settings,
        say: Say,
    ) -> None:
        self._store = store
        self._recipients = recipients
        self._commands = commands
        self._clock = clock
        self._settings = settings
        self._say = say
        self._state = store.load()
        self._places = store.places()
        self._committed: Mapping[Partition, int] = {}
        self._committed_at = self._forgot_at = 0

    def run(self, connect: Callable[[], Log]) -> None:
        """Work until the clock stops. A broker that is away is waited for."""
        told = ""
        while not self._clock.stopped:
            try:
                log = connect()
                try:
                    if self.begin(log):
                        told = ""
                        self._say(f"reading alerts from Kafka at {self._settings.kafka}")
                        self._follow(log)
                    failure = "has no topic alerts: run `pycturestream setup`"
                finally:
                    log.close()
            except KafkaError as error:
                failure = str(error or type(error).__name__)
            if not self._clock.stopped:
                if failure != told:
                    self._say(f"Kafka at {self._settings.kafka}: {failure}; trying again")
                told = failure
                self._clock.sleep(_RETRY_S)

    def begin(self, log: Log) -> bool:
        """Find the place to go on; return False while there is no topic.

        The store knows it. Where the store is new, Kafka's place tells how far an earlier one
        came, and what the log says before is known to have been told; without that place either,
        nobody was told anything yet, and nobody will be told of the past.
        """
        if not log.partitions():
            return False
        if not self._places:
            places = log.committed()
            recipients = tuple(self._recipients().values()) if places else ()
            if places:
                self._say("the store of the alert service is new: going on from Kafka's place")
            else:
                places = log.ends()
            self._restore(log, places, recipients)
        log.begin(self._places)
        return True

    def take(self, records: Sequence[LogRecord]) -> None:
        """Enter these records, and write down what follows, and what is due now."""
        now = self._clock.now()
        recipients, commands = tuple(self._recipients().values()), self._commands()
        state = self._state
        for record in records:
            try:
                alert = decode_alert(record.value or b"")
            except CodecError as error:
                topic, number = record.partition
                place = f"{topic}/{number}/{record.next_offset - 1}"
                self._say(f"{place}: no alert, left out: {error}")
            else:
                state = ingest(state, alert, recipients, commands, now)
        if now - self._forgot_at > HOUR_MS:
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
        places = {record.partition: record.next_offset for record in records}
        self._store.keep(state, places, intents, now)
        self._state, self._places = state, {**self._places, **places}

    def _follow(self, log: Log) -> None:
        while not self._clock.stopped:
            self.take(log.read())
            self._tell_place(log)

    def _tell_place(self, log: Log) -> None:
        """Tell Kafka the place when all before it was told: who loses the store loses no alert."""
        now = self._clock.now()
        if self._places == self._committed or now - self._committed_at < _COMMIT_MS:
            return
        waiting = any(one.waiting for one in self._state.recipient_states.values())
        if not waiting and not self._store.counts().get("waiting"):
            log.commit(self._places)
            self._committed, self._committed_at = dict(self._places), now

    def _restore(
        self, log: Log, places: Mapping[Partition, int], recipients: Sequence[Recipient]
    ) -> None:
        state, now = NotificationState(), self._clock.now()
        for record in log.past(now - self._settings.alert_restore_ms, places):
            try:
                alert = decode_alert(record.value or b"")
            except CodecError:
                continue
            state = restore(state, alert, recipients, now)
        self._store.keep(state, places)
        self._state, self._places = state, dict(places)
