"""What a source yields: pictures, and what it had to skip."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from pycturestream.clock import Clock
from pycturestream.domain.frames.jpeg import read_size
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError

Pixels = NDArray[np.uint8]
"""Height x width x 3, blue before green before red, as OpenCV has it."""

SkipReason = Literal[
    "not-a-picture",
    "bad-name",
    "unreadable",
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
    """An item of a source that is no picture with a time: counted, never published."""

    reason: SkipReason
    detail: str = ""
    """One line for people; empty where another line says it already."""


def decode(jpeg: bytes, pixel_limit: int, flags: int = cv2.IMREAD_COLOR) -> Pixels | None:
    """Return the pixels of a JPEG; None if it is damaged, no JPEG, or dangerously large.

    `flags` are OpenCV's. Pictures are rotated as their EXIF says, as the job rotates them too.
    """
    try:
        size = read_size(jpeg)
    except Rejection:
        return None
    if size.width * size.height > pixel_limit:
        return None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    return None if pixels is None else np.asarray(pixels, np.uint8)


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
