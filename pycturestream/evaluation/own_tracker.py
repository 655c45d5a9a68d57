"""The project's own tracker, as the detection job runs it.

Only confirmed tracks are returned, from the sighting that confirmed them: they are what counts
as different people, raises alerts and crosses lines. (A detections record also lists boxes
whose track is not confirmed yet; a false detection that never repeats must not count as a person.)
The other trackers do not return unconfirmed tracks either.
"""

from collections.abc import Sequence

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking import tracks
from pycturestream.evaluation.tracker import Identified

CAMERA = "clip"


class OwnTracker:
    """What `understanding` does with the detections of one camera."""

    name = "pycturestream"

    def __init__(self, label: str, aspect: float) -> None:
        """Track objects of this label; `aspect` is the picture's width over its height."""
        self._label = label
        self._aspect = aspect
        self._tracks: tuple[tracks.Track, ...] = ()

    def follow(self, detections: Sequence[Detection], captured_at: Millis) -> list[Identified]:
        """Return the confirmed objects of the label; detections are of all labels."""
        name = frame_id(CAMERA, captured_at)
        self._tracks, sightings = tracks.follow(
            self._tracks, detections, name, captured_at, self._aspect
        )
        return [
            Identified(seen.track.track_id, seen.detection.box)
            for seen in sightings
            if seen.track.confirmed and seen.track.label == self._label
        ]
