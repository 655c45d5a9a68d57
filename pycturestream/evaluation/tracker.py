"""The interface of a tracker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis


@dataclass(frozen=True, slots=True)
class Identified:
    """One object in one frame, with the identity that the tracker gives it."""

    identity: str
    box: BoundingBox


class Tracker(Protocol):
    """Tracks the objects of one label through a clip."""

    @property
    def name(self) -> str: ...

    def follow(self, detections: Sequence[Detection], captured_at: Millis) -> list[Identified]:
        """Return the objects in this frame; frames come in order."""
        ...
