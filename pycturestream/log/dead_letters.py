"""The topic `frames.dead-letter`: rejected records, written with an event each, and read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.frames.dead_letter import (
    DeadLetter,
    dead_letter_event,
    dead_letter_headers,
    keep,
    without_bytes,
)
from pycturestream.domain.frames.frame import LIVE, header_texts
from pycturestream.domain.times import EARLIEST, LATEST, Millis, parse_rfc3339, rfc3339
from pycturestream.log.clients import producer
from pycturestream.log.erasures import read_erasures
from pycturestream.log.reader import read_to_end
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
"""The final word of a client or a broker: a repetition would end in the same way."""


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
        """Return whether the broker has all of them; if not, they may be delivered again.

        What it will never take is delivered without its bytes. Size and hash still identify it.
        """
        try:
            pending = [(letter, self._send(letter)) for letter in letters]
            for letter, delivery in pending:
                if self._is_too_large(delivery):
                    self._deliver_without_bytes(letter)
            events = [self._send_event(letter) for letter in letters]
            for event in events:
                event.get(self._wait_s)
        except KafkaError:
            return False
        return True

    def close(self) -> None:
        self._kafka.close(timeout=self._wait_s)

    def _send(self, letter: DeadLetter) -> Any:
        """Return what will say how it ended; None where the client finds it too large."""
        letter = keep(letter)
        # The client refuses a message that has neither.
        value = b"" if letter.key is None and letter.value is None else letter.value
        headers = list(dead_letter_headers(letter.rejected, letter.cut).items())
        try:
            return self._kafka.send(
                topics.DEAD_LETTER, key=letter.key, value=value, headers=headers
            )
        except _TOO_LARGE:
            return None

    def _is_too_large(self, delivery: Any) -> bool:
        """Wait for an answer. Lets other kafka.errors.KafkaError through."""
        try:
            if delivery is not None:
                delivery.get(self._wait_s)
        except _TOO_LARGE:
            return True
        return delivery is None

    def _deliver_without_bytes(self, letter: DeadLetter) -> None:
        rejected = letter.rejected
        if self._is_too_large(self._send(without_bytes(letter))):
            _log.error(
                f"{rejected.camera_id}: the broker takes no dead letter: {rejected.reason}, "
                f"{rejected.detail}",
                camera_id=rejected.camera_id,
                reason=rejected.reason,
            )

    def _send_event(self, letter: DeadLetter) -> Any:
        topic, event = to_record(dead_letter_event(letter.rejected), LIVE, 0)
        key = letter.rejected.camera_id.encode()
        return self._kafka.send(topic, key=key, value=encode_record(event))


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

    @property
    def at_ms(self) -> Millis:
        """The same in epoch milliseconds."""
        return parse_rfc3339(self.at)


def read_dead_letters(settings: Settings, since: Millis = 0) -> Iterator[LoggedDeadLetter]:
    """Yield all that the log holds now, partition by partition, each in its order.

    `since` leaves out those that came before; those that are erased are left out too. Lets
    kafka.errors.KafkaError through.
    """
    erasures = read_erasures(settings)
    # What was logged since then may have come earlier.
    letters = map(dead_letter_of, read_to_end(settings, topics.DEAD_LETTER, since))
    first = rfc3339(since)
    return (
        letter
        for letter in letters
        if letter.at >= first and not erasures.covers(letter.camera_id, letter.at_ms)
    )


def dead_letter_of(message: Any) -> LoggedDeadLetter:
    """Return the dead letter that a message of the topic is; anything is one."""
    headers = header_texts(message.headers)
    place = (headers.get(name, "?") for name in ("topic", "partition", "offset"))
    detail = headers.get("detail", "")
    if left_out := headers.get("left_out"):
        detail += f"; the bytes are left out: {left_out}"
    return LoggedDeadLetter(
        camera_id=(message.key or b"").decode("utf-8", "replace"),
        at=_time(headers.get("received_at", ""), message.timestamp),
        reason=headers.get("reason", ""),
        detail=detail,
        size=headers.get("size", ""),
        sha256=headers.get("sha256", ""),
        came_from="/".join(place),
        value=message.value or b"",
    )


def _time(received_at: str, logged_at: int) -> str:
    """Return when the original came; the log's own time where no header gives it."""
    # Anybody may have written it. More digits would take long to read.
    if received_at.isascii() and received_at.isdigit() and len(received_at) <= 16:
        at = int(received_at)
        if EARLIEST <= at < LATEST:
            return rfc3339(at)
    return rfc3339(logged_at)
