"""Association: which detection shows which object. Pairs that overlap best, confirmed ones first.

The order of Zhang et al. 2022 ("ByteTrack: Multi-Object Tracking by Associating Every Detection
Box"): strong detections go to confirmed tracks, then all remaining detections to all remaining
tracks. Boxes are enlarged before they are compared, the more, the less certain an object's position
is: cameras here send 1 to 10 pictures a second, so that walkers may leave their own box between two
of them (Yang et al. 2023, "Hard to Track Objects with Irregular Motions and Similar Appearances?
Make It Easier by Buffering the Matching Space").
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Literal

import numpy as np
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

TIE = 1e-9
"""Overlaps that differ by less are equal, up to rounding errors."""

Candidate = tuple[int, int, float]
"""A detection, an expected object, and the overlap that makes them a possible pair."""


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
    alike: list[Candidate] = []
    other: list[Candidate] = []
    for candidate in _overlapping(expected, detections, aspect):
        row, column, overlap = candidate
        detection = detections[row]
        if detection.label == labels[column]:
            if overlap >= (MIN_OVERLAP_OF_WEAK if detection.weak else MIN_OVERLAP):
                alike.append(candidate)
        elif overlap >= MIN_OVERLAP_OF_LABELS and not detection.weak:
            other.append(candidate)
    certain = [c for c in alike if confirmed[c[1]] and not detections[c[0]].weak]
    pairs: dict[int, int] = {}
    for candidates in (certain, alike, other):
        _pair(candidates, pairs, (len(detections), len(expected)))
    return pairs


def _pair(candidates: Sequence[Candidate], pairs: dict[int, int], shape: tuple[int, int]) -> None:
    """Add the candidates of the highest sum of overlaps among what is not paired yet.

    `shape` is the number of detections and of expected objects.
    """
    if pairs:
        paired = set(pairs.values())
        candidates = [c for c in candidates if c[0] not in pairs and c[1] not in paired]
    if not candidates:
        return
    best = _best_of_each(candidates, 0) or _best_of_each(candidates, 1)
    if best is None:
        best = _best_in_all(candidates, shape)
    pairs.update(best)


def _best_of_each(candidates: Sequence[Candidate], side: Literal[0, 1]) -> dict[int, int] | None:
    """Return each detection (side 0) with the object that it overlaps most, or the reverse.

    None where two of them have the same partner, or one could have either of two. Otherwise no
    other pairs have as high a sum. So it is in most frames, and found ten times as fast.
    """
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        rival = best.setdefault(candidate[side], candidate)
        if rival is not candidate:
            if abs(candidate[2] - rival[2]) < TIE:
                return None
            if candidate[2] > rival[2]:
                best[candidate[side]] = candidate
    pairs = {row: column for row, column, _ in best.values()}
    return pairs if len(best) == len(pairs) == len(set(pairs.values())) else None


def _best_in_all(candidates: Sequence[Candidate], shape: tuple[int, int]) -> dict[int, int]:
    """Return the pairs of the highest sum among all that are possible."""
    overlaps = np.zeros(shape)
    for row, column, overlap in candidates:
        overlaps[row, column] = overlap
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in found if overlaps[row, column] > 0}


def _overlapping(
    expected: Sequence[KalmanState], detections: Sequence[Detection], aspect: float
) -> Iterator[Candidate]:
    """Yield which detections overlap which expected objects, and by which share.

    The share is intersection over union of enlarged boxes. Plain numbers: an array takes longer
    to make than the few pairs of a frame take to compute. The order of the operations decides the
    last digits, and so now and then which object is taken for which: it must stay.
    """
    places = [_enlarged(state, aspect) for state in expected]
    for row, detection in enumerate(detections):
        box = detection.box
        left, right = box.x_min * aspect, box.x_max * aspect
        top, bottom = box.y_min, box.y_max
        for column, (x_min, y_min, x_max, y_max, margin) in enumerate(places):
            if (
                x_max <= left - margin
                or right + margin <= x_min
                or y_max <= top - margin
                or bottom + margin <= y_min
            ):
                continue
            low_x, low_y, high_x, high_y = (
                left - margin,
                top - margin,
                right + margin,
                bottom + margin,
            )
            # min() and max() take three times as long, and a frame has dozens of these.
            width = (x_max if x_max < high_x else high_x) - (x_min if x_min > low_x else low_x)  # noqa: FURB136
            height = (y_max if y_max < high_y else high_y) - (y_min if y_min > low_y else low_y)  # noqa: FURB136
            if width > 0 and height > 0:
                shared = width * height
                its_area, area = (
                    (high_x - low_x) * (high_y - low_y),
                    (x_max - x_min) * (y_max - y_min),
                )
                yield row, column, shared / (area + its_area - shared)


def _enlarged(state: KalmanState, aspect: float) -> tuple[float, float, float, float, float]:
    """Return the enlarged box in which an object is expected, and by how much it is enlarged."""
    x, y, width, height = state.x * aspect, state.y, state.width * aspect, state.height
    across, down = width / 2, height / 2
    share = min(MARGIN + MARGIN_DEVIATIONS * state.deviation, MARGIN_LIMIT)
    # abs: a record of another program may hold a box that is inside out.
    margin = share * sqrt(abs(width * height))
    return (
        x - across - margin,
        y - down - margin,
        x + across + margin,
        y + down + margin,
        margin,
    )
