"""The topic `alerts`, which jobs write: read by the alert service, and searched by alert."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from pycturestream.config.settings import Settings
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import ALERTS
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.log.clients import consumer
from pycturestream.log.reader import READ_MARGIN_MS, read_of_key, read_to_end, result_of

Partition = tuple[str, int]
"""Topic and number."""
GROUP = "pycturestream-notify"
"""Its offsets in Kafka are read only where the alert service's own store was lost."""
_POLL_MS = 200
_NEVER = -1


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record, and the offset of the next one."""

    partition: Partition
    next_offset: int
    value: bytes | None


class AlertLog:
    """Reads alerts from offsets that its user keeps. Lets kafka.errors.KafkaError through."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Where the topic was made anew, its beginning is what was not read yet.
        self._consumer = consumer(
            settings,
            "notify",
            bootstrap_timeout_ms=settings.store_timeout_ms,
            group_id=GROUP,
        )

    def partitions(self) -> list[Partition]:
        """Return the partitions of the topic; none while the topic is missing."""
        numbers = self._consumer.partitions_for_topic(ALERTS) or ()
        return [(ALERTS, number) for number in sorted(numbers)]

    def committed(self) -> dict[Partition, int]:
        """Return the offset committed in Kafka of each partition that has one."""
        found = {
            partition: self._consumer.committed(TopicPartition(*partition))
            for partition in self.partitions()
        }
        return {partition: offset for partition, offset in found.items() if offset is not None}

    def ends(self) -> dict[Partition, int]:
        """Return where each partition ends now."""
        partitions = [TopicPartition(*partition) for partition in self.partitions()]
        ends = self._consumer.end_offsets(partitions)
        return {(end.topic, end.partition): offset for end, offset in ends.items()}

    def past(self, since: Millis, before: Mapping[Partition, int]) -> Iterator[LogRecord]:
        """Yield the records from that time on whose offsets are below those given."""
        for message in read_to_end(self._settings, ALERTS, since):
            record = _record(message)
            if record.next_offset <= before.get(record.partition, _NEVER):
                yield record

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Read on from these offsets; a partition without one from its beginning."""
        partitions = [TopicPartition(*partition) for partition in self.partitions()]
        self._consumer.assign(partitions)
        for partition in partitions:
            offset = offsets.get((partition.topic, partition.partition))
            if offset is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, offset)

    def read(self) -> list[LogRecord]:
        """Return what has come, in the order of each partition; nothing after a short wait."""
        batches = self._consumer.poll(_POLL_MS)
        return [_record(message) for batch in batches.values() for message in batch]

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit to Kafka that all records before these offsets are dealt with."""
        self._consumer.commit(
            {
                TopicPartition(*partition): OffsetAndMetadata(offset, "", _NEVER)
                for partition, offset in offsets.items()
            }
        )

    def close(self) -> None:
        self._consumer.close(autocommit=False)


def life_of_alert(settings: Settings, alert: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all records of a live alert that the log still holds, in their order.

    Lets kafka.errors.KafkaError through.
    """
    since = parse_rfc3339(alert["raised_at"]) - READ_MARGIN_MS
    rejected = RejectedRecords(ALERTS)
    life: dict[int, dict[str, Any]] = {}
    for message in read_of_key(settings, ALERTS, alert["camera_id"], since):
        record = result_of(message, rejected)
        if record and (record["id"], record["run"]) == (alert["id"], LIVE):
            # A restart of the job may write it twice.
            life.setdefault(record["revision"], record)
            if record["state"] == "cleared":
                break
    return list(life.values())


def _record(message: Any) -> LogRecord:
    topic, number, offset = message.topic, message.partition, message.offset
    return LogRecord((topic, number), offset + 1, message.value)
