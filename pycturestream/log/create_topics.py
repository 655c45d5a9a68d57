"""Creates the topics of the log with the settings that the data contracts promise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafka.admin import ConfigResource, ConfigResourceType

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.log.clients import admin
from pycturestream.log.retention import COMPACTED, retentions

RESULT_PARTITIONS = 4
"""The largest parallelism of a serving job; results are small, pictures are not."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with the settings that it should have."""

    name: str
    partitions: int
    configs: Mapping[str, object] = field(default_factory=dict)


def wanted_topics(settings: Settings) -> list[Topic]:
    """Return all topics of the system.

    Every one stamps records when they arrive: retention then counts from arrival, so that
    neither a wrong clock nor a replay of old footage makes records vanish or stay.

    Every one is kept uncompressed, whatever a producer sends: the broker unpacks a batch before it
    takes it, and compares what it finds with the limit. No reader ever has to unpack anything, and
    none gets more than the limit (docs/decisions/0029).
    """
    picture_limit = {"max.message.bytes": settings.message_byte_limit + topics.OVERHEAD_BYTES}
    legacy_limit = {"max.message.bytes": topics.LEGACY_BYTE_LIMIT}
    dead_letter_limit = {"max.message.bytes": topics.DEAD_LETTER_BYTE_LIMIT}
    many, few = settings.frame_partitions, RESULT_PARTITIONS
    kept = {name: retention.configs for name, retention in retentions(settings).items()}
    return [
        *(
            _topic(name, partitions, {**kept[name], **limit})
            for name, partitions, limit in (
                (topics.FRAMES, many, picture_limit),
                (topics.FRAMES_REPLAY, many, picture_limit),
                (topics.FRAMES_ANNOTATED, few, picture_limit),
                (topics.DEAD_LETTER, few, dead_letter_limit),
                (settings.legacy_topic, few, legacy_limit),
                *((name, few, {}) for name in topics.SERVED),
                (topics.REJECTED_RESULTS, 1, dead_letter_limit),
            )
        ),
        *(
            _topic(name, 1, COMPACTED)
            for name in (
                topics.CAMERAS,
                topics.ATTENTION,
                topics.ALERT_COMMANDS,
                topics.ERASURES,
            )
        ),
    ]


def create_topics(settings: Settings) -> list[str]:
    """Create the topics that are missing, set the others' settings, return the names of the new.

    Raises kafka.errors.KafkaError when the broker rejects that or is away.
    """
    client = admin(settings)
    try:
        existing = set(client.list_topics())
        wanted = wanted_topics(settings)
        missing = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": 1,
                "configs": dict(topic.configs),
            }
            for topic in wanted
            if topic.name not in existing
        }
        if missing:
            client.create_topics(missing, wait_for_metadata=True)
        kept = [topic for topic in wanted if topic.name in existing]
        if kept:
            client.alter_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.configs))
                    for topic in kept
                ]
            )
        return list(missing)
    finally:
        client.close()


def _topic(name: str, partitions: int, configs: Mapping[str, object]) -> Topic:
    common: dict[str, object] = {
        "message.timestamp.type": "LogAppendTime",
        "compression.type": "uncompressed",
        "max.message.bytes": topics.RECORD_BYTE_LIMIT,
    }
    return Topic(
        name, partitions, {key: str(value) for key, value in {**common, **configs}.items()}
    )
