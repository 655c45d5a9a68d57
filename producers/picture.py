"""What a source yields: pictures, and what it had to skip."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, Protocol

import cv2

from pycturestream import pixels
from pycturestream.clock import Clock
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError

Pixels = pixels.Pixels

SkipReason = Literal[
    "not-a-picture",
    "bad-name",
    "unreadable",
    "damaged",
    "too-large",
    "superseded",
    "no-broker",
    "unmaskable",
]


class SourceError(ServiceError):
    """A source can't be opened, or broke off; the message is one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as it came from its source."""

    content: Pixels | bytes
    """Pixels, or the bytes of a JPEG file that is to stay as it is."""
    captured_at: Millis
    origin: str
    """Where it came from, without passwords; for people who search for a fault."""
    clock_ahead: Millis = 0
    """How far the clock that `captured_at` was read from is ahead of this machine's."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Items of a source that are no pictures with a time: counted, never published."""

    reason: SkipReason
    detail: str = ""
    """One line for people; empty where another line says it already."""
    count: int = 1


def decode(jpeg: bytes, pixel_limit: int, flags: int = cv2.IMREAD_COLOR) -> Pixels | None:
    """Return the pixels of a JPEG; None if it is damaged, no JPEG, or costs too much to decode.

    `flags` are OpenCV's. Pictures are rotated as their EXIF says, as the job rotates them too.
    """
    try:
        return pixels.decode(jpeg, pixel_limit, flags)
    except Rejection:
        return None


def printable(text: str) -> str:
    """Return an untrusted name in a form that is safe in a header and in a terminal."""
    return text if text.isprintable() else ascii(text)[1:-1]


Pictures = Generator[Picture | Skipped, None, None]
"""Closing it early closes what it opened."""


class Source(Protocol):
    """Where pictures come from."""

    def pictures(self, clock: Clock) -> Pictures:
        """Yield pictures, in live mode each when it is due by the clock.

        Raises SourceError. Ends where the source ends.
        """
        ...
