"""Tracks: which detection in this frame is the same thing as one in the frames before.

Association by overlap with a constant-velocity prediction. Cameras here send 1 to 10 pictures a
second, so that a walker may leave his own box between two of them: boxes are enlarged before
they are compared, the more the longer the gap (Yang et al. 2023, "Hard to Track Objects with
Irregular Motions and Similar Appearances? Make It Easier by Buffering the Matching Space").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pycturestream.detection import Detection
from pycturestream.geometry import BoundingBox
from pycturestream.times import Millis

MINIMUM_OVERLAP = 0.2
"""Intersection over union of enlarged boxes below which two are not the same thing."""
LARGEST_ENLARGEMENT = 0.5
"""Share of its own size that is added on each side of a box after a long gap ..."""
ENLARGEMENT_TIME_MS = 500
"""... which is one this long or longer."""
CONFIRMED_AFTER = 3
"""Sightings until a track is believed: false detections seldom repeat in one place."""
TENTATIVE_LIFE_MS = 1_200
"""An unconfirmed track survives one missing frame at 2 pictures a second."""
CONFIRMED_LIFE_MS = 3_000
"""A confirmed one survives a short occlusion: a lamp post, another walker."""
STATIONARY_LIFE_MS = 120_000
"""What stands still is still there after a restart, or when a lorry has stopped before it."""
OVERLOOKED_LIFE_MS = 600_000
"""So long it is taken for granted that what stood still does so while nobody looks."""
PREDICTION_LIMIT_MS = 1_500
"""Nobody walks straight for longer than that with certainty."""
VELOCITY_WEIGHT = 0.6
"""Weight of the newest displacement in the smoothed velocity."""
STILL_SHARE = 0.25
"""A thing is still while its centre stays within this share of its own size ..."""
STILL_AFTER_MS = 2_000
"""... for this long, ..."""
STATIONARY_AFTER_MS = 10_000
"""... and stationary after this long."""


@dataclass(frozen=True, slots=True)
class Track:
    """One thing followed through the frames of one camera."""

    track_id: str
    label: str
    box: BoundingBox
    """Where it was last seen."""
    seen_at: Millis
    velocity: tuple[float, float] = (0.0, 0.0)
    """Of the centre, in picture widths and heights a second."""
    sightings: int = 1
    still_at: tuple[float, float] = (0.0, 0.0)
    """The centre from which stillness is measured."""
    still_since: Millis = 0
    overlooked_ms: int = 0
    """Of the time since it was seen, how long nobody looked."""

    @property
    def confirmed(self) -> bool:
        return self.sightings >= CONFIRMED_AFTER

    @property
    def stationary(self) -> bool:
        return self.seen_at - self.still_since >= STATIONARY_AFTER_MS

    def alive(self, now: int) -> bool:
        missed_ms = now - self.seen_at
        if missed_ms > OVERLOOKED_LIFE_MS:
            return False
        if self.seen_at - self.still_since >= STILL_AFTER_MS:
            # What moved is elsewhere by now; what stood still was only not looked at.
            missed_ms -= self.overlooked_ms
        if self.stationary:
            return missed_ms <= STATIONARY_LIFE_MS
        return missed_ms <= (CONFIRMED_LIFE_MS if self.confirmed else TENTATIVE_LIFE_MS)

    def predicted(self, now: int) -> BoundingBox:
        """Return where the thing would be if it went on as it did."""
        seconds = min(now - self.seen_at, PREDICTION_LIMIT_MS) / 1000
        return self.box.moved(self.velocity[0] * seconds, self.velocity[1] * seconds)


def follow(
    tracks: Sequence[Track],
    detections: Sequence[Detection],
    frame_id: str,
    captured_at: Millis,
    overlooked_ms: int = 0,
) -> tuple[tuple[Track, ...], tuple[Track, ...]]:
    """Return the tracks that live on, and for each detection the track that it belongs to.

    Frames must come in the order of their capture; the caller sees to that, and says for how
    long nobody has looked since the last one.
    """
    if overlooked_ms:
        tracks = [
            replace(track, overlooked_ms=track.overlooked_ms + overlooked_ms) for track in tracks
        ]
    living = [track for track in tracks if track.alive(captured_at)]
    matches = _match(living, detections, captured_at)
    seen = tuple(
        _continued(living[matches[index]], detection, captured_at)
        if index in matches
        else _born(f"{frame_id}#{index}", detection, captured_at)
        for index, detection in enumerate(detections)
    )
    matched = set(matches.values())
    unseen = tuple(track for index, track in enumerate(living) if index not in matched)
    return unseen + seen, seen


def _match(
    tracks: Sequence[Track], detections: Sequence[Detection], captured_at: Millis
) -> dict[int, int]:
    """Return which detection (key) continues which track (value), best overlap in all."""
    if not tracks or not detections:
        return {}
    overlaps = _overlaps(tracks, detections, captured_at)
    rows: Any
    columns: Any
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if overlaps[row, column] >= MINIMUM_OVERLAP
    }


def _overlaps(
    tracks: Sequence[Track], detections: Sequence[Detection], captured_at: Millis
) -> NDArray[np.float64]:
    """Return intersection over union of enlarged boxes, [detections, tracks]."""
    gaps = np.array([captured_at - track.seen_at for track in tracks])
    shares = LARGEST_ENLARGEMENT * np.minimum(gaps, ENLARGEMENT_TIME_MS) / ENLARGEMENT_TIME_MS
    one = _enlarged(_sides([d.box for d in detections])[:, np.newaxis], shares)
    other = _enlarged(_sides([track.predicted(captured_at) for track in tracks]), shares)
    corner = np.maximum(one[..., :2], other[..., :2])
    opposite = np.maximum(np.minimum(one[..., 2:], other[..., 2:]), corner)
    intersection = _areas(np.concatenate([corner, opposite], axis=-1))
    overlaps = intersection / (_areas(one) + _areas(other) - intersection)
    labels = [[d.label == track.label for track in tracks] for d in detections]
    return np.where(labels, overlaps, 0.0)


def _sides(boxes: Sequence[BoundingBox]) -> NDArray[np.float64]:
    """Return x_min, y_min, x_max, y_max of boxes, [n, 4]."""
    return np.array([(box.x_min, box.y_min, box.x_max, box.y_max) for box in boxes])


def _enlarged(boxes: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return boxes [..., 4] with a share of their own size [...] added on each side."""
    margin = (boxes[..., 2:] - boxes[..., :2]) * shares[..., np.newaxis]
    return np.concatenate([boxes[..., :2] - margin, boxes[..., 2:] + margin], axis=-1)


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    sides: NDArray[np.float64] = boxes[..., 2:] - boxes[..., :2]
    return np.asarray(sides[..., 0] * sides[..., 1])


def _born(track_id: str, detection: Detection, captured_at: Millis) -> Track:
    return Track(
        track_id=track_id,
        label=detection.label,
        box=detection.box,
        seen_at=captured_at,
        still_at=detection.box.center,
        still_since=captured_at,
    )


def _continued(track: Track, detection: Detection, captured_at: Millis) -> Track:
    box = detection.box
    (x, y), (old_x, old_y), (still_x, still_y) = box.center, track.box.center, track.still_at
    seconds = max(captured_at - track.seen_at, 1) / 1000
    weight = VELOCITY_WEIGHT if track.sightings > 1 else 1.0
    moved = (
        abs(x - still_x) > STILL_SHARE * box.width or abs(y - still_y) > STILL_SHARE * box.height
    )
    return replace(
        track,
        box=box,
        seen_at=captured_at,
        velocity=(
            track.velocity[0] * (1 - weight) + (x - old_x) / seconds * weight,
            track.velocity[1] * (1 - weight) + (y - old_y) / seconds * weight,
        ),
        sightings=track.sightings + 1,
        still_at=(x, y) if moved else track.still_at,
        still_since=captured_at if moved else track.still_since,
        overlooked_ms=0,
    )
