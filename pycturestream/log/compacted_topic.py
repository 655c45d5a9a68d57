"""Writes the newest values of keys into a compacted topic."""

from collections.abc import Iterable, Mapping

from pycturestream.config.settings import Settings
from pycturestream.log.clients import producer


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
