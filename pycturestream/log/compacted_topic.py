"""Writes the newest values of keys into a compacted topic."""

from collections.abc import Mapping

from kafka import KafkaProducer

from pycturestream.config.settings import Settings


def write_values(settings: Settings, topic: str, values: Mapping[str, bytes | None]) -> None:
    """Write a value for each key, None to forget it; return when the broker has taken them all.

    Lets kafka.errors.KafkaError through.
    """
    wait = settings.publish_timeout_ms
    kafka = KafkaProducer(
        bootstrap_servers=settings.kafka,
        bootstrap_timeout_ms=wait,
        max_block_ms=wait,
        request_timeout_ms=wait,
        delivery_timeout_ms=wait,
        acks="all",
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    try:
        sendings = [
            kafka.send(topic, key=key.encode(), value=value) for key, value in values.items()
        ]
        for sending in sendings:
            sending.get(wait / 1000)
    finally:
        kafka.close(timeout=wait / 1000)
