"""Refused records into the log: each with its original bytes, and an event that stays."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import DeadLetter, encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.frames.dead_letter import dead_letter_event, dead_letter_headers
from pycturestream.domain.frames.frame import LIVE
from pycturestream.log.producer import API_VERSION


class DeadLetters:
    """A connection that loses nothing: what it could not deliver, it says so."""

    def __init__(self, settings: Settings) -> None:
        wait = settings.publish_timeout_ms
        self._wait_s = wait / 1000
        self._kafka = KafkaProducer(
            bootstrap_servers=settings.kafka,
            api_version=API_VERSION,
            acks="all",
            allow_auto_create_topics=False,
            max_request_size=topics.DEAD_LETTER_BYTE_LIMIT,
            max_block_ms=wait,
            request_timeout_ms=wait,
            delivery_timeout_ms=wait,
            metrics_enabled=False,
        )

    def deliver(self, letters: Sequence[DeadLetter]) -> bool:
        """Return whether the broker has all of them; else they may be delivered again."""
        try:
            sendings = [sending for letter in letters for sending in self._send(letter)]
            for sending in sendings:
                sending.get(self._wait_s)
        except KafkaError:
            return False
        return True

    def close(self) -> None:
        self._kafka.close(timeout=self._wait_s)

    def _send(self, letter: DeadLetter) -> tuple[Any, Any]:
        value = letter.value
        if value is not None and len(value) > topics.LEGACY_BYTE_LIMIT:
            value = None  # size and hash still tell which it was
        topic, event = to_record(dead_letter_event(letter.rejected), LIVE, 0)
        key = letter.rejected.camera_id.encode()
        return (
            self._kafka.send(
                topics.DEAD_LETTER,
                key=letter.key,
                value=value,
                headers=list(dead_letter_headers(letter.rejected).items()),
            ),
            self._kafka.send(topic, key=key, value=encode_record(event)),
        )
