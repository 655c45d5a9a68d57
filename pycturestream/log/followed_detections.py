"""The topic `detections`, followed by a service that commits how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.domain.times import Millis
from pycturestream.log.clients import consumer

_NEVER = -1


@dataclass(frozen=True, slots=True)
class LoggedResult:
    """A message of a result topic."""

    topic: str
    partition: int
    offset: int
    value: bytes | None


class FollowedDetections:
    """Reads all partitions for one process. Lets kafka.errors.KafkaError through."""

    def __init__(self, settings: Settings, group: str) -> None:
        """`group` names the service, and its offsets in Kafka."""
        self._consumer = consumer(
            settings, group, bootstrap_timeout_ms=settings.store_timeout_ms, group_id=group
        )

    def start(self, since: Millis, known: Mapping[int, int]) -> bool:
        """Begin at the known offsets; elsewhere where the group is, but not before `since`.

        Return False while there is no topic.
        """
        numbers = self._consumer.partitions_for_topic(DETECTIONS) or ()
        partitions = [TopicPartition(DETECTIONS, number) for number in sorted(numbers)]
        if not partitions:
            return False
        self._consumer.assign(partitions)
        recent = self._consumer.offsets_for_times(dict.fromkeys(partitions, since))
        ends = self._consumer.end_offsets(partitions)
        for partition in partitions:
            offset = known.get(partition.partition)
            if offset is None:
                first = recent[partition].offset if recent[partition] else ends[partition]
                offset = max(first, self._consumer.committed(partition) or 0)
            self._consumer.seek(partition, min(offset, ends[partition]))
        return True

    def read(self, wait_ms: int) -> list[LoggedResult]:
        """Return what has come, in the order of each partition; nothing after `wait_ms`."""
        return [
            LoggedResult(message.topic, message.partition, message.offset, message.value)
            for batch in self._consumer.poll(wait_ms).values()
            for message in batch
        ]

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Commit that everything before these offsets is dealt with, by partition."""
        self._consumer.commit(
            {
                TopicPartition(DETECTIONS, number): OffsetAndMetadata(offset, "", _NEVER)
                for number, offset in offsets.items()
            }
        )

    def close(self) -> None:
        self._consumer.close(autocommit=False)
