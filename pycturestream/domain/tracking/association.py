"""Association: which detection shows which object. Pairs that overlap best, confirmed ones first.

The order of Zhang et al. 2022 ("ByteTrack: Multi-Object Tracking by Associating Every Detection
Box"): strong detections go to confirmed tracks, then all remaining detections to all remaining
tracks. Boxes are enlarged before they are compared, the more, the less certain an object's position
is: cameras here send 1 to 10 pictures a second, so that walkers may leave their own box between two
of them (Yang et al. 2023, "Hard to Track Objects with Irregular Motions and Similar Appearances?
Make It Easier by Buffering the Matching Space").
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pycturestream.domain.detection import Detection
from pycturestream.domain.tracking.kalman import KalmanState

MIN_OVERLAP = 0.25
"""Intersection over union of enlarged boxes below which two are not the same object."""
MIN_OVERLAP_OF_WEAK = 0.6
"""A weak detection only confirms that an object is where it was expected."""
MIN_OVERLAP_OF_LABELS = 0.5
"""A car that is detected as a truck for once is still in its place."""
MARGIN = 0.1
"""Each side of a box is moved out by this share of the object's size, ..."""
MARGIN_DEVIATIONS = 1.0
"""... and by this many standard deviations of where it is expected, ..."""
MARGIN_LIMIT = 0.9
"""... but by no more than this share: farther away, it may be any other object."""

Floats = NDArray[np.float64]


def associate(
    expected: Sequence[KalmanState],
    labels: Sequence[str],
    confirmed: Sequence[bool],
    detections: Sequence[Detection],
    aspect: float,
) -> dict[int, int]:
    """Return which detection (key) shows which of the expected objects (value).

    `labels` and `confirmed` belong to the expected objects. `aspect` is the picture's width over
    its height.
    """
    if not expected or not detections:
        return {}
    overlaps = _overlaps(expected, detections, aspect)
    same = np.array([d.label for d in detections])[:, np.newaxis] == np.array(labels)
    weak = np.array([d.weak for d in detections])[:, np.newaxis]
    least = np.where(weak, MIN_OVERLAP_OF_WEAK, MIN_OVERLAP)
    alike = np.where(same & (overlaps >= least), overlaps, 0.0)
    enough = ~same & ~weak & (overlaps >= MIN_OVERLAP_OF_LABELS)
    other = np.where(enough, overlaps, 0.0)
    pairs: dict[int, int] = {}
    for similarity in (np.where(~weak & np.array(confirmed), alike, 0.0), alike, other):
        _pair(similarity, pairs)
    return pairs


def _pair(similarity: Floats, pairs: dict[int, int]) -> None:
    """Add the pairs of the highest sum of similarity among what is not paired yet; 0: no pair."""
    free = similarity.copy()
    free[list(pairs)] = 0.0
    free[:, list(pairs.values())] = 0.0
    if not free.any():
        return
    rows, columns = linear_sum_assignment(free, maximize=True)
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    pairs.update((row, column) for row, column in found if free[row, column] > 0)


def _overlaps(
    expected: Sequence[KalmanState], detections: Sequence[Detection], aspect: float
) -> Floats:
    """Return intersection over union of enlarged boxes, [detections, expected]."""
    theirs = np.array(
        [(c.x * aspect, c.y, c.width * aspect, c.height, c.deviation) for c in expected]
    )
    half, size = theirs[:, 2:4] / 2, np.sqrt(theirs[:, 2] * theirs[:, 3])
    share = np.minimum(MARGIN + MARGIN_DEVIATIONS * theirs[:, 4], MARGIN_LIMIT)
    margin = (share * size)[:, np.newaxis]
    found = np.array(
        [(d.box.x_min * aspect, d.box.y_min, d.box.x_max * aspect, d.box.y_max) for d in detections]
    )[:, np.newaxis]
    low, high = theirs[:, :2] - half - margin, theirs[:, :2] + half + margin
    found_low, found_high = found[..., :2] - margin, found[..., 2:] + margin
    shared = np.minimum(high, found_high) - np.maximum(low, found_low)
    intersection = np.prod(np.maximum(shared, 0.0), axis=-1)
    union = np.prod(high - low, axis=-1) + np.prod(found_high - found_low, axis=-1) - intersection
    overlaps: Floats = intersection / union
    return overlaps
