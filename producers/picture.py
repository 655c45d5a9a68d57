"""What a source hands out: pictures, and what it had to leave out."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pycturestream.clock import Clock
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
    """A source that can't be opened, or that broke off; the message is one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as it came from its source."""

    content: Pixels | bytes
    """Pixels, or the bytes of a file that is to stay as it is."""
    captured_at: Millis
    origin: str
    """Where it came from, without passwords; for people who look for a fault."""
    clock_ahead: Millis = 0
    """How far the clock that `captured_at` was read from runs ahead of this machine's."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a source that is no picture with a time: counted, never published."""

    reason: SkipReason
    detail: str = ""
    """What a person should know; empty where that was told before."""


def printable(text: str) -> str:
    """Return a name of strangers as it may stand in a header and in a terminal."""
    return text if text.isprintable() else ascii(text)[1:-1]


Pictures = Generator[Picture | Skipped, None, None]
"""Closed early, it closes what it opened."""


class Source(Protocol):
    """Where pictures come from."""

    def pictures(self, clock: Clock) -> Pictures:
        """Yield pictures, in live mode each when it is due by the clock.

        Raises SourceError. Ends where the source ends.
        """
        ...
