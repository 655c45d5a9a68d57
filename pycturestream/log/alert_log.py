"""The topic `alerts`, read from the place that the alert service's own store remembers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import ALERTS
from pycturestream.domain.times import Millis
from pycturestream.log.producer import API_VERSION
from pycturestream.log.reader import read_to_end

Partition = tuple[str, int]
"""Topic and number."""
GROUP = "pycturestream-notify"
"""Kafka's place is not gone by while the store is there; it stands for one that was lost."""
_POLL_MS = 200
_NEVER = -1


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record, and where the next one stands."""

    partition: Partition
    next_offset: int
    value: bytes | None


class AlertLog:
    """Lets kafka.errors.KafkaError through."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka,
            bootstrap_timeout_ms=settings.store_timeout_ms,
            api_version=API_VERSION,
            group_id=GROUP,
            enable_auto_commit=False,
            # Where the topic was made anew, its beginning is what was not read yet.
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def partitions(self) -> list[Partition]:
        """Return the partitions that there are; none while the topic is missing."""
        numbers = self._consumer.partitions_for_topic(ALERTS) or ()
        return [(ALERTS, number) for number in sorted(numbers)]

    def committed(self) -> dict[Partition, int]:
        """Return Kafka's place of each partition that has one."""
        found = {
            partition: self._consumer.committed(TopicPartition(*partition))
            for partition in self.partitions()
        }
        return {partition: place for partition, place in found.items() if place is not None}

    def ends(self) -> dict[Partition, int]:
        """Return where each partition ends now."""
        partitions = [TopicPartition(*partition) for partition in self.partitions()]
        ends = self._consumer.end_offsets(partitions)
        return {(end.topic, end.partition): offset for end, offset in ends.items()}

    def past(self, since: Millis, before: Mapping[Partition, int]) -> Iterator[LogRecord]:
        """Yield what came since then and stands before those places."""
        for message in read_to_end(self._settings, ALERTS, since):
            record = _record(message)
            if record.next_offset <= before.get(record.partition, _NEVER):
                yield record

    def begin(self, places: Mapping[Partition, int]) -> None:
        """Read on from these places; a partition without one from its beginning."""
        partitions = [TopicPartition(*partition) for partition in self.partitions()]
        self._consumer.assign(partitions)
        for partition in partitions:
            place = places.get((partition.topic, partition.partition))
            if place is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, place)

    def read(self) -> list[LogRecord]:
        """Return what has come, in the order of each partition; nothing after a short wait."""
        batches = self._consumer.poll(_POLL_MS)
        return [_record(message) for batch in batches.values() for message in batch]

    def commit(self, places: Mapping[Partition, int]) -> None:
        """Tell Kafka that all before these places was told, or needed not be."""
        self._consumer.commit(
            {
                TopicPartition(*partition): OffsetAndMetadata(place, "", _NEVER)
                for partition, place in places.items()
            }
        )

    def close(self) -> None:
        self._consumer.close(autocommit=False)


def _record(message: Any) -> LogRecord:
    topic, number, offset = message.topic, message.partition, message.offset
    return LogRecord((topic, number), offset + 1, message.value)
