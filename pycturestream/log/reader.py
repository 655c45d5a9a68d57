"""A consumer that looks things up in the log, without a group and without a trace."""

import logging
from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.partitioner.default import murmur2

from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis


def connect(settings: Settings) -> KafkaConsumer:
    """Return a consumer to be assigned and closed. Raises KafkaError when no broker answers."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it logs, it also raises
    return KafkaConsumer(
        bootstrap_servers=settings.kafka,
        bootstrap_timeout_ms=settings.store_timeout_ms,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )


def read_to_end(settings: Settings, topic: str, since: Millis = 0) -> Iterator[Any]:
    """Yield all messages that there are now, partition by partition, each in its order.

    `since` leaves out those before the first one of that time.

    Lets kafka.errors.KafkaError through.
    """
    consumer = connect(settings)
    try:
        for number in sorted(consumer.partitions_for_topic(topic) or ()):
            yield from _read(consumer, settings, TopicPartition(topic, number), since)
    finally:
        consumer.close()


def read_of_key(settings: Settings, topic: str, key: str, since: Millis = 0) -> Iterator[Any]:
    """Yield the messages of one key that there are now, in their order.

    Lets kafka.errors.KafkaError through.
    """
    consumer = connect(settings)
    try:
        # All that write to topics of results share out keys as Kafka's own client does.
        numbers = sorted(consumer.partitions_for_topic(topic) or ())
        if numbers:
            number = numbers[(murmur2(key.encode()) & 0x7FFFFFFF) % len(numbers)]
            messages = _read(consumer, settings, TopicPartition(topic, number), since)
            yield from (message for message in messages if message.key == key.encode())
    finally:
        consumer.close()


def _read(
    consumer: KafkaConsumer, settings: Settings, partition: TopicPartition, since: Millis
) -> Iterator[Any]:
    consumer.assign([partition])
    first = consumer.offsets_for_times({partition: since})[partition] if since else None
    if first:
        consumer.seek(partition, first.offset)
    elif since:
        return  # nothing is that new
    else:
        consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    while consumer.position(partition) < end:
        batch = consumer.poll(timeout_ms=settings.store_timeout_ms).get(partition)
        if not batch:
            raise KafkaTimeoutError(
                f"{partition.topic}: no record within {settings.store_timeout_ms} ms"
            )
        yield from (message for message in batch if message.offset < end)
