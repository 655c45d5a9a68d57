"""Reads the refused records that the log still holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import DEAD_LETTER
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.log.reader import read_to_end


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused record: its original bytes, why, and where it stood."""

    camera_id: str
    """The message's key, whatever it says: it may be the very thing that was wrong."""
    at: str
    """When it came, RFC 3339."""
    reason: str
    detail: str
    size: str
    sha256: str
    came_from: str
    """`topic/partition/offset` of the original."""
    value: bytes


def read_dead_letters(settings: Settings, since: Millis = 0) -> Iterator[DeadLetter]:
    """Yield all that there are now, partition by partition, each in its order.

    `since` leaves out those that came before. Lets kafka.errors.KafkaError through.
    """
    # What is logged since then may have come earlier.
    letters = map(_dead_letter, read_to_end(settings, DEAD_LETTER, since))
    first = rfc3339(since)
    return (letter for letter in letters if letter.at >= first)


def _dead_letter(message: Any) -> DeadLetter:
    headers = header_texts(message.headers)
    place = (headers.get(name, "?") for name in ("topic", "partition", "offset"))
    return DeadLetter(
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
    """Return when the original came; the log's own time where no header says it."""
    if received_at.isdecimal():
        return rfc3339(int(received_at))
    return received_at or rfc3339(logged_at)
