"""What a tracker told of one frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis

BEGINNING = 1_795_251_600_000
"""2026-11-21T09:00:00Z, when every clip is taken to begin: the same every time."""


@dataclass(frozen=True, slots=True)
class Identified:
    """One thing in one frame, with the identity that the tracker gives it."""

    identity: str
    box: BoundingBox


class Tracker(Protocol):
    """Follows the things of one label through a clip."""

    @property
    def name(self) -> str: ...

    def follow(self, detections: Sequence[Detection], captured_at: Millis) -> list[Identified]:
        """Return who is in this frame; frames come in order."""
        ...
