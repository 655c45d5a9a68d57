"""The interface of a tracker, and the project's own tracker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking import tracks

if TYPE_CHECKING:
    from pycturestream.domain.tracking.track import Track

CAMERA = "clip"


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


class OwnTracker:
    """The project's own tracker, as the detection job runs it on one camera.

    Only confirmed tracks are returned, from the sighting that confirmed them: they are what counts
    as different people, raises alerts and crosses lines. (A detections record also lists boxes
    whose track is not confirmed yet; a false detection that never repeats must not count as a
    person.) The other trackers do not return unconfirmed tracks either.
    """

    name = "pycturestream"

    def __init__(self, label: str, aspect: float) -> None:
        """Track objects of this label; `aspect` is the picture's width over its height."""
        self._label = label
        self._aspect = aspect
        self._tracks: tuple[Track, ...] = ()

    def follow(self, detections: Sequence[Detection], captured_at: Millis) -> list[Identified]:
        """Return the confirmed objects of the label; detections are of all labels."""
        name = frame_id(CAMERA, captured_at)
        self._tracks, sightings = tracks.update_tracks(
            self._tracks, detections, name, captured_at, self._aspect
        )
        return [
            Identified(seen.track.track_id, seen.detection.box)
            for seen in sightings
            if seen.track.confirmed and seen.track.label == self._label
        ]
