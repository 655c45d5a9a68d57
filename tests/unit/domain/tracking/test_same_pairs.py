"""Association finds the pairs that the same formulas over arrays find, to the last bit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.tracking.association import (
    MARGIN,
    MARGIN_DEVIATIONS,
    MARGIN_LIMIT,
    MIN_OVERLAP,
    MIN_OVERLAP_OF_LABELS,
    MIN_OVERLAP_OF_WEAK,
    _overlapping,
    associate,
)
from pycturestream.domain.tracking.kalman import KalmanState

ASPECTS = (16 / 9, 4 / 3, 1.0, 9 / 16)
labels = st.sampled_from(("person", "car"))
# Few places, so that boxes overlap, often more than one, and now and then equally.
coordinates = st.one_of(
    st.floats(0, 0.4), st.integers(0, 4_000).map(lambda n: n / 10_000), st.sampled_from((0.1, 0.2))
)
lengths = st.one_of(st.floats(1e-4, 0.3), st.sampled_from((0.1, 0.2)))


@st.composite
def states(draw):
    x, y, width, height = (draw(each) for each in (coordinates, coordinates, lengths, lengths))
    variance = draw(st.one_of(st.just(1.0), st.floats(0.1, 200)))
    return KalmanState(x, y, 0.0, 0.0, width, height, variance)


@st.composite
def detections(draw):
    x, y, width, height = (draw(each) for each in (coordinates, coordinates, lengths, lengths))
    box = BoundingBox(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return Detection(draw(labels), 0.5, box, draw(st.booleans()))


@st.composite
def frames(draw):
    expected = draw(st.lists(st.tuples(states(), labels, st.booleans()), min_size=1, max_size=7))
    seen = draw(st.lists(detections(), min_size=1, max_size=7))
    return tuple(zip(*expected, strict=True)), seen, draw(st.sampled_from(ASPECTS))


@given(frames())
def test_the_pairs_are_those_of_arrays(case):
    (expected, names, confirmed), seen, aspect = case
    assert associate(expected, names, confirmed, seen, aspect) == associate_by_arrays(
        expected, names, confirmed, seen, aspect
    )


@given(frames())
def test_the_overlaps_are_those_of_arrays(case):
    (expected, _, _), seen, aspect = case
    overlaps = overlaps_by_arrays(expected, seen, aspect)
    found = np.zeros(overlaps.shape)
    for row, column, overlap in _overlapping(expected, seen, aspect):
        found[row, column] = overlap
    assert found.tolist() == overlaps.tolist()


def associate_by_arrays(expected, names, confirmed, seen, aspect):
    overlaps = overlaps_by_arrays(expected, seen, aspect)
    same = np.array([d.label for d in seen])[:, np.newaxis] == np.array(names)
    weak = np.array([d.weak for d in seen])[:, np.newaxis]
    least = np.where(weak, MIN_OVERLAP_OF_WEAK, MIN_OVERLAP)
    alike = np.where(same & (overlaps >= least), overlaps, 0.0)
    enough = ~same & ~weak & (overlaps >= MIN_OVERLAP_OF_LABELS)
    other = np.where(enough, overlaps, 0.0)
    pairs = {}
    for similarity in (np.where(~weak & np.array(confirmed), alike, 0.0), alike, other):
        free = similarity.copy()
        free[list(pairs)] = 0.0
        free[:, list(pairs.values())] = 0.0
        rows, columns = linear_sum_assignment(free, maximize=True)
        found = zip(rows.tolist(), columns.tolist(), strict=True)
        pairs.update((row, column) for row, column in found if free[row, column] > 0)
    return pairs


def overlaps_by_arrays(expected, seen, aspect):
    """Return intersection over union of enlarged boxes, [detections, expected]."""
    theirs = np.array(
        [(c.x * aspect, c.y, c.width * aspect, c.height, c.deviation) for c in expected]
    )
    half, size = theirs[:, 2:4] / 2, np.sqrt(theirs[:, 2] * theirs[:, 3])
    share = np.minimum(MARGIN + MARGIN_DEVIATIONS * theirs[:, 4], MARGIN_LIMIT)
    margin = (share * size)[:, np.newaxis]
    found = np.array(
        [(d.box.x_min * aspect, d.box.y_min, d.box.x_max * aspect, d.box.y_max) for d in seen]
    )[:, np.newaxis]
    low, high = theirs[:, :2] - half - margin, theirs[:, :2] + half + margin
    found_low, found_high = found[..., :2] - margin, found[..., 2:] + margin
    shared = np.minimum(high, found_high) - np.maximum(low, found_low)
    intersection = np.prod(np.maximum(shared, 0.0), axis=-1)
    union = np.prod(high - low, axis=-1) + np.prod(found_high - found_low, axis=-1) - intersection
    return intersection / union
