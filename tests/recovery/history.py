"""History that is replayed: published again for each test that needs its own."""

from collections.abc import Iterable

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from producers.publisher import Publisher
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.frames.frame import Frame
from pycturestream.log.reader import connect


def publish_history(settings: Settings, frames: Iterable[Frame]) -> None:
    """Publish frames as the whole history, after deleting the old one."""
    forget_history(settings)
    publisher = Publisher(settings, "replay", SystemClock())
    account = publisher.open_account()
    for frame in frames:
        publisher.publish(frame, account)
    publisher.close()


def forget_history(settings: Settings) -> None:
    """Delete all of it: a replay reads whatever the topic holds."""
    consumer: KafkaConsumer = connect(settings)
    numbers = consumer.partitions_for_topic(topics.FRAMES_REPLAY)
    ends = consumer.end_offsets([TopicPartition(topics.FRAMES_REPLAY, n) for n in numbers])
    consumer.close()
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka)
    admin.delete_records(ends)
    admin.close()
