"""The topic of the legacy clients, read as one member of a group that commits its offsets."""

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import LEGACY_BYTE_LIMIT
from pycturestream.domain.frames.admission import Arrival, Place
from pycturestream.log.clients import consumer

GROUP = "pycturestream-bridge"
"""Two bridges share the partitions; where one ends, the other takes over."""
_POLL_MS = 200
"""How long an idle bridge takes to notice that it is to end."""
_STAMPED_BY_BROKER = 1


class LegacyTopic:
    """Records of legacy clients. Lets kafka.errors.KafkaError through."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._consumer = consumer(
            settings,
            "bridge",
            settings.legacy_topic,
            group_id=GROUP,
            # A killed bridge holds its partitions for this long; brokers allow no less.
            session_timeout_ms=6_000,
            heartbeat_interval_ms=2_000,
            # Some ten of the largest at once, whatever they are multiplied to in memory.
            fetch_max_bytes=10 * LEGACY_BYTE_LIMIT,
            max_partition_fetch_bytes=2 * LEGACY_BYTE_LIMIT,
            metadata_max_age_ms=10_000,
        )

    def read(self) -> list[Arrival]:
        """Return what has come, in the order of each partition; nothing after a short wait."""
        batches = self._consumer.poll(_POLL_MS)
        now = self._clock.now()
        return [
            Arrival(
                place=Place(record.topic, record.partition, record.offset),
                # A topic made elsewhere may hold the client's time, which can't be relied on.
                received_at=record.timestamp
                if record.timestamp_type == _STAMPED_BY_BROKER
                else now,
                key=record.key,
                value=record.value,
                captured_at=None,
                sent_at=None,
            )
            for batch in batches.values()
            for record in batch
        ]

    def commit(self) -> None:
        """Commit that all records read so far are dealt with."""
        self._consumer.commit()

    def close(self) -> None:
        self._consumer.close(autocommit=False)
