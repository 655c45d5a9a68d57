"""Reads what a topic holds now, without a consumer group and without committing anything."""

import logging
from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.partitioner.default import murmur2

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import decode_object, decode_result
from pycturestream.domain.times import Millis
from pycturestream.log import clients

READ_MARGIN_MS = 10_000
"""How much earlier a search for a record by its time begins to read: results are written in
another order than their frames were received, and clocks differ."""


def connect(settings: Settings) -> KafkaConsumer:
    """Return a consumer, which its user assigns partitions to and closes.

    Raises kafka.errors.KafkaError when no broker answers.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it logs, it also raises
    return clients.consumer(
        settings, "reader", await_broker=True, bootstrap_timeout_ms=settings.store_timeout_ms
    )


def read_to_end(settings: Settings, topic: str, since: Millis = 0) -> Iterator[Any]:
    """Yield all messages that a topic holds now, partition by partition, each in its order.

    `since` leaves out those before the first one of that time.

    Lets kafka.errors.KafkaError through.
    """
    consumer = connect(settings)
    try:
        for number in sorted(consumer.partitions_for_topic(topic) or ()):
            yield from _read(consumer, settings, TopicPartition(topic, number), since)
    finally:
        consumer.close()


def read_of_key(
    settings: Settings, topic: str, key: str, since: Millis = 0, *, others: bool = False
) -> Iterator[Any]:
    """Yield the messages of one key that a topic holds now, in their order.

    Only the partition of that key is read; with `others`, the messages of other keys in it too.

    Lets kafka.errors.KafkaError through.
    """
    consumer = connect(settings)
    try:
        # All writers of result topics assign keys to partitions as Kafka's own client does.
        numbers = sorted(consumer.partitions_for_topic(topic) or ())
        if numbers:
            number = numbers[(murmur2(key.encode()) & 0x7FFFFFFF) % len(numbers)]
            messages = _read(consumer, settings, TopicPartition(topic, number), since)
            yield from (message for message in messages if others or message.key == key.encode())
    finally:
        consumer.close()


def json_object(message: Any) -> dict[str, Any]:
    """Return the JSON object of a message; an empty one where it holds none."""
    try:
        return decode_object(message.value)
    except CodecError:
        return {}


def result_of(message: Any, rejected: RejectedRecords) -> dict[str, Any] | None:
    """Return the complete record of a result topic's message; None, and a report, where none is."""
    try:
        return decode_result(message.topic, message.value)
    except CodecError as error:
        rejected.report_message(message, error)
        return None


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
