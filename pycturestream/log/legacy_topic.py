"""The topic of the legacy clients, read as one member of a group that remembers its place."""

from kafka import KafkaConsumer

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import LEGACY_BYTE_LIMIT
from pycturestream.domain.frames.admission import Arrival, Place
from pycturestream.log.producer import API_VERSION

GROUP = "pycturestream-bridge"
"""Two bridges share the partitions; where one ends, the other goes on."""
_POLL_MS = 200
"""How long a bridge that nothing reaches takes to see that it is to end."""
_STAMPED_BY_BROKER = 1


class LegacyTopic:
    """Records of legacy clients. Lets kafka.errors.KafkaError through."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._consumer = KafkaConsumer(
            settings.legacy_topic,
            bootstrap_servers=settings.kafka,
            api_version=API_VERSION,
            group_id=GROUP,
            # A bridge that was killed holds its partitions for so long; the least a broker takes.
            session_timeout_ms=6_000,
            heartbeat_interval_ms=2_000,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            # Some ten of the largest at once, whatever they are multiplied to in memory.
            fetch_max_bytes=10 * LEGACY_BYTE_LIMIT,
            max_partition_fetch_bytes=2 * LEGACY_BYTE_LIMIT,
            metadata_max_age_ms=10_000,
            metrics_enabled=False,
        )

    def read(self) -> list[Arrival]:
        """Return what has come, in the order of each partition; nothing after a short wait."""
        batches = self._consumer.poll(_POLL_MS)
        now = self._clock.now()
        return [
            Arrival(
                place=Place(record.topic, record.partition, record.offset),
                # Where the topic is somebody else's, it may hold the client's time: no measure.
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
        """Remember that all that was read is done with."""
        self._consumer.commit()

    def close(self) -> None:
        self._consumer.close(autocommit=False)
