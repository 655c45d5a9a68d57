"""The topic `frames.dead-letter`: rejected records, written with an event each, and read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kafka.errors import KafkaError

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import DeadLetter, encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.frames.dead_letter import dead_letter_event, dead_letter_headers
from pycturestream.domain.frames.frame import LIVE, header_texts
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.log.clients import producer
from pycturestream.log.reader import read_to_end


class DeadLetterWriter:
    """Writes dead letters with their original bytes, and reports what was not delivered."""

    def __init__(self, settings: Settings) -> None:
        wait = settings.publish_timeout_ms
        self._wait_s = wait / 1000
        self._kafka = producer(
            settings,
            "dead-letters",
            acks="all",
            max_request_size=topics.DEAD_LETTER_BYTE_LIMIT,
            max_block_ms=wait,
            request_timeout_ms=wait,
            delivery_timeout_ms=wait,
        )

    def deliver(self, letters: Sequence[DeadLetter]) -> bool:
        """Return whether the broker has all of them; if not, they may be delivered again."""
        try:
            pending = [delivery for letter in letters for delivery in self._send(letter)]
            for delivery in pending:
                delivery.get(self._wait_s)
        except KafkaError:
            return False
        return True

    def close(self) -> None:
        self._kafka.close(timeout=self._wait_s)

    def _send(self, letter: DeadLetter) -> tuple[Any, Any]:
        value = letter.value
        if value is not None and len(value) > topics.LEGACY_BYTE_LIMIT:
            value = None  # size and hash still identify it
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


@dataclass(frozen=True, slots=True)
class LoggedDeadLetter:
    """A rejected record in the log: its original bytes, the reason, and where it came from."""

    camera_id: str
    """The message's key, unchecked: it may be what was wrong."""
    at: str
    """When it came, RFC 3339."""
    reason: str
    detail: str
    size: str
    sha256: str
    came_from: str
    """`topic/partition/offset` of the original."""
    value: bytes


def read_dead_letters(settings: Settings, since: Millis = 0) -> Iterator[LoggedDeadLetter]:
    """Yield all that the log holds now, partition by partition, each in its order.

    `since` leaves out those that came before. Lets kafka.errors.KafkaError through.
    """
    # What was logged since then may have come earlier.
    letters = map(_dead_letter, read_to_end(settings, topics.DEAD_LETTER, since))
    first = rfc3339(since)
    return (letter for letter in letters if letter.at >= first)


def _dead_letter(message: Any) -> LoggedDeadLetter:
    headers = header_texts(message.headers)
    place = (headers.get(name, "?") for name in ("topic", "partition", "offset"))
    return LoggedDeadLetter(
        camera_id=(message.key or b"").decode("utf-8", "replace"),
        at=_time(headers.get("received_at", ""), message.timestamp),
        reason=headers.get("reason", ""),
        detail=headers.get("detail", ""),
        size=headers.get("size", ""),
        sha256=headers.get("sha256", ""),
        came_from="/".join(place),
        value=message.value or b"",
    )


def _time(received_at: str, logged_at: int) -> str:
    """Return when the original came; the log's own time where no header gives it."""
    if received_at.isdecimal():
        return rfc3339(int(received_at))
    return received_at or rfc3339(logged_at)
