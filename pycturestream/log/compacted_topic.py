"""Writes the newest values of keys into a compacted topic, and reads what holds of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.domain.times import Millis
from pycturestream.log.clients import producer
from pycturestream.log.reader import read_to_end

Value = TypeVar("Value")
Apply = Callable[[dict[str, Value], str, bytes | None, Millis], None]
"""Changes what is known by a record: its key, value and time. Raises CodecError."""


def read_known(settings: Settings, topic: str, apply: Apply[Value]) -> dict[str, Value]:
    """Return what the records of a topic make known, by key; those that can't be read are reported.

    Lets kafka.errors.KafkaError through.
    """
    known: dict[str, Value] = {}
    rejected = RejectedRecords(topic)
    for message in read_to_end(settings, topic):
        key = (message.key or b"").decode("utf-8", "replace")
        try:
            apply(known, key, message.value, message.timestamp)
        except CodecError as error:
            rejected.report_message(message, error)
    return known


def write_values(settings: Settings, topic: str, values: Mapping[str, bytes | None]) -> None:
    """Write a value for each key, None to forget it; return when the broker has all of them.

    Lets kafka.errors.KafkaError through.
    """
    write_records(settings, topic, values.items())


def write_records(
    settings: Settings, topic: str, records: Iterable[tuple[str, bytes | None]]
) -> None:
    """Write records of key and value; return when the broker has all of them.

    Lets kafka.errors.KafkaError through.
    """
    wait = settings.publish_timeout_ms
    kafka = producer(
        settings,
        "settings",
        await_broker=True,
        bootstrap_timeout_ms=wait,
        max_block_ms=wait,
        request_timeout_ms=wait,
        delivery_timeout_ms=wait,
        acks="all",
    )
    try:
        pending = [kafka.send(topic, key=key.encode(), value=value) for key, value in records]
        for delivery in pending:
            delivery.get(wait / 1000)
    finally:
        kafka.close(timeout=wait / 1000)
