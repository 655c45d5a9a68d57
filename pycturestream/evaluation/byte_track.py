"""ByteTrack of a public library, as a baseline for our own tracker.

Roboflow's `trackers` (Apache-2.0) with its default settings and the frame rate (with the time of
each frame instead it scored a little lower). It ignores labels, so it gets the boxes of one label
only: cars can't disturb it.
"""

from collections.abc import Sequence

import numpy as np
import supervision
import trackers

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis
from pycturestream.evaluation.tracker import Identified

UNCONFIRMED = -1
"""The identity of a box whose track is not confirmed."""


class ByteTrack:
    """ByteTrack (Zhang et al. 2022) for the boxes of one label."""

    name = "ByteTrack"

    def __init__(self, label: str, size: Size, fps: float) -> None:
        self._label = label
        self._pixels = np.array([size.width, size.height] * 2, float)
        self._tracker = trackers.ByteTrackTracker(frame_rate=fps)

    def follow(self, detections: Sequence[Detection], captured_at: Millis) -> list[Identified]:
        """Return the confirmed objects of the label; frames must come at the given rate."""
        del captured_at
        wanted = [d for d in detections if d.label == self._label]
        boxes = [(d.box.x_min, d.box.y_min, d.box.x_max, d.box.y_max) for d in wanted]
        found = self._tracker.update(
            supervision.Detections(
                xyxy=np.array(boxes, float).reshape(-1, 4) * self._pixels,
                confidence=np.array([d.score for d in wanted], float),
                class_id=np.zeros(len(wanted), int),
            )
        )
        return [
            Identified(str(identity), BoundingBox(*map(float, box)))
            for identity, box in zip(found.tracker_id, found.xyxy / self._pixels, strict=True)
            if identity != UNCONFIRMED
        ]
