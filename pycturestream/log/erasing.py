"""Counts what the log holds of an erased time, deletes what can be, and says when the rest goes.

Kafka deletes no single records, only all records of a partition before an offset. That is done
where all of them are erased. The rest stays until its topic's retention, and no reader shows it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from kafka import TopicPartition

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.results import decode_object
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.alerts.alert_id import time_in_id
from pycturestream.domain.erasure import Erasure, Erasures, PlaceReport
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.times import Millis, parse_this_century
from pycturestream.log.alert_commands import known_alert_commands, take_back_alert_commands
from pycturestream.log.clients import admin
from pycturestream.log.dead_letters import dead_letter_of
from pycturestream.log.erasures import read_erasures
from pycturestream.log.reader import READ_MARGIN_MS, read_of_key
from pycturestream.log.retention import retentions
from pycturestream.stores.record import TIMES, BadRecord, decode_result

TOPICS = (
    *topics.SERVED,
    topics.REJECTED_RESULTS,
    topics.FRAMES,
    topics.FRAMES_REPLAY,
    topics.FRAMES_ANNOTATED,
    topics.DEAD_LETTER,
)
"""Where something of a camera's time is kept under the camera's key."""
_TIME_FIELDS = {name for times in TIMES.values() for name in (times.filed, times.changed)}

Span = tuple[Millis, Millis]
"""The first and the last moment that a message tells of."""


class LogPlace:
    """The topics of results, frames and dead letters. Lets kafka.errors.KafkaError through."""

    name = "log"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def count(self, erasure: Erasure) -> PlaceReport:
        return self._report(erasure, {})

    def erase(self, erasure: Erasure) -> PlaceReport:
        everything = read_erasures(self._settings)
        deleted = {
            topic: self._delete_beginning(topic, erasure.camera_id, everything) for topic in TOPICS
        }
        return self._report(erasure, deleted)

    def _report(self, erasure: Erasure, deleted: Mapping[str, "_Found"]) -> PlaceReport:
        left = {topic: self._find(topic, erasure) for topic in TOPICS}
        kept = retentions(self._settings)
        # Deleted records stay in their file while the broker writes to it: until then, without a
        # further record, only their age makes it begin another one.
        gone_at = [
            kept[name].at_most_ms + one.newest
            for found in (left, deleted)
            for name, one in found.items()
            if one.number
        ]
        return PlaceReport(
            self.name,
            {topic: found.number for topic, found in deleted.items()},
            {topic: found.number for topic, found in left.items()},
            max(gone_at, default=None),
        )

    def _find(self, topic: str, erasure: Erasure) -> "_Found":
        erasures = Erasures.of([erasure])
        since = max(0, erasure.since - READ_MARGIN_MS)
        messages = read_of_key(self._settings, topic, erasure.camera_id, since)
        return _Found.of(message for message in messages if is_erased(message, erasures))

    def _delete_beginning(self, topic: str, camera_id: str, erasures: Erasures) -> "_Found":
        """Delete the records at the beginning of a camera's partition, as long as all are erased.

        Also those of other cameras that were erased earlier.
        """
        messages = read_of_key(self._settings, topic, camera_id, others=True)
        found = _Found.of(takewhile(lambda message: is_erased(message, erasures), messages))
        if found.number:
            client = admin(self._settings)
            try:
                client.delete_records({TopicPartition(topic, found.partition): found.end})
            finally:
                client.close()
        return found


class AlertCommandsPlace:
    """What people did about alerts of the erased time.

    A silence that goes on is a setting, and stays; one that began in that time and is over goes.
    Lets kafka.errors.KafkaError through.
    """

    name = "alert commands"

    def __init__(self, settings: Settings, now: Callable[[], Millis]) -> None:
        self._settings = settings
        self._now = now

    def count(self, erasure: Erasure) -> PlaceReport:
        return PlaceReport(self.name, {"commands": len(self.commands(erasure))})

    def erase(self, erasure: Erasure) -> PlaceReport:
        found = self.commands(erasure)
        if found:
            take_back_alert_commands(self._settings, found)
        note = "their bytes go when the topic is compacted, minutes after further commands"
        return PlaceReport(self.name, {"commands": len(found)}, note=note if found else "")

    def commands(self, erasure: Erasure) -> Mapping[str, AlertCommand]:
        """Return the commands that an erasure covers, by their keys."""
        known = known_alert_commands(self._settings).by_key
        of_camera = {key: one for key, one in known.items() if one.camera_id == erasure.camera_id}
        if not of_camera:
            return {}
        alerts = self._alerts(erasure)
        return {key: one for key, one in of_camera.items() if self._covers(erasure, one, alerts)}

    def _covers(self, erasure: Erasure, command: AlertCommand, alerts: Mapping[str, bool]) -> bool:
        if command.alert_id is None:
            is_over = (command.until or 0) <= self._now()
            return is_over and erasure.since <= command.at < erasure.until
        if command.alert_id in alerts:
            return alerts[command.alert_id]
        raised_at = command.raised_at
        if raised_at is None:  # the id's time may be long before that
            raised_at = time_in_id(command.alert_id)
        return raised_at is not None and erasure.since <= raised_at < erasure.until

    def _alerts(self, erasure: Erasure) -> Mapping[str, bool]:
        """Return the alerts of which the log has a record since then, and whether it is erased."""
        erasures = Erasures.of([erasure])
        since = max(0, erasure.since - READ_MARGIN_MS)
        messages = read_of_key(self._settings, topics.ALERTS, erasure.camera_id, since)
        found = (decode_or_none(message) for message in messages)
        alerts: dict[str, bool] = {}
        for record in filter(None, found):
            # Once an alert has grown into the erased time, no other change of it counts.
            alerts[record.id] = alerts.get(record.id, False) or record.is_erased(erasures)
        return alerts


def is_erased(message: Any, erasures: Erasures) -> bool:
    """Whether any moment that a message of one of `TOPICS` tells of is erased."""
    camera_id = (message.key or b"").decode("utf-8", "replace")
    if camera_id not in erasures.spans:
        return False  # as for most: nothing of it need be read
    return any(erasures.touches(camera_id, *span) for span in _spans(message))


def decode_or_none(message: Any) -> Any:
    """Return the record of a result topic's message; None where it holds none."""
    try:
        return decode_result(message.topic, message.value)
    except BadRecord:
        return None


def _spans(message: Any) -> Iterator[Span]:
    """Yield the times that a message tells of; several where it can't be known which one is right.

    What no reader can read, tells of when it was written.
    """
    written = (message.timestamp, message.timestamp)
    match message.topic:
        case topics.FRAMES | topics.FRAMES_REPLAY | topics.FRAMES_ANNOTATED:
            captured_at = header_texts(message.headers).get("captured_at", "")
            digits = captured_at.removeprefix("-")
            if digits.isascii() and digits.isdigit() and len(digits) <= 16:
                yield int(captured_at), int(captured_at)
                if message.topic != topics.FRAMES:  # these are by our clock
                    return
            yield written  # the camera's clock may be wrong
        case topics.DEAD_LETTER:
            at = dead_letter_of(message).at_ms
            yield at, at
        case topics.REJECTED_RESULTS:
            yield _span_of_anything(message.value) or written
        case _:
            record = decode_or_none(message)
            if record:
                yield from record.spans
            else:
                yield written


def _span_of_anything(value: bytes | None) -> Span | None:
    """Return the times in a record that was rejected, as far as they can be read."""
    try:
        fields = decode_object(value)
    except CodecError:
        return None
    found = []
    for name in _TIME_FIELDS & fields.keys():
        try:
            found.append(parse_this_century(str(fields[name])))
        except ValueError:
            continue
    return (min(found), max(found)) if found else None


@dataclass(frozen=True, slots=True)
class _Found:
    """Messages of one partition."""

    number: int = 0
    newest: Millis = 0
    """When the last of them was written."""
    partition: int = 0
    end: int = 0
    """The offset behind the last of them."""

    @classmethod
    def of(cls, messages: Iterator[Any]) -> "_Found":
        found = cls()
        for message in messages:
            found = cls(
                found.number + 1,
                max(found.newest, message.timestamp),
                message.partition,
                message.offset + 1,
            )
        return found
