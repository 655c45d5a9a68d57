"""Raw grids to boxes, held against the same computation in TensorFlow, which takes no votes."""

import numpy as np
import pytest

from pycturestream.detector.conversion.nanodet_network import select_cells, suppress
from pycturestream.detector.grid_boxes import BINS, BOX_LIMIT, SIDES, Grid, Raw, find_boxes
from pycturestream.domain.geometry import BoundingBox

HEIGHT, WIDTH, LABELS = 64, 96, 5
SCALES = (0.05, 0.04, 0.03)


def random_grids(seed, zero=80):
    """Grids in which one score in five is above a half, and no label has one score twice."""
    random = np.random.default_rng(seed)
    grids = []
    for stride, scale in zip((8, 16, 32), SCALES, strict=True):
        size = HEIGHT // stride, WIDTH // stride
        labels = [random.permutation(256)[: size[0] * size[1]] - 128 for _ in range(LABELS)]
        scores = np.stack(labels, axis=-1).reshape(*size, LABELS).astype(np.int8)
        sides = random.integers(-128, 128, (*size, SIDES * BINS)).astype(np.int8)
        grids.append(Grid(Raw(scores, scale, zero), Raw(sides, 0.05, -30)))
    return grids


def flat(raws):
    values = [raw.scale * (raw.values.astype(np.float32) - raw.zero) for raw in raws]
    return np.concatenate([v.reshape(1, -1, v.shape[-1]) for v in values], axis=1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("floor", [0.05, 0.36, 0.6])
def test_the_objects_are_those_of_the_float_network(seed, floor):
    grids = random_grids(seed)
    scores = 1 / (1 + np.exp(-flat([grid.scores for grid in grids])))
    expected = suppress(
        *select_cells(scores, flat([g.sides for g in grids]), np.array([HEIGHT, WIDTH], np.int32))
    )
    boxes, best, classes = (np.asarray(expected[n])[0] for n in ("boxes", "scores", "classes"))
    wanted = np.flatnonzero(best >= floor)

    found = find_boxes(grids, (HEIGHT, WIDTH), floor)

    assert len(found.scores) == len(wanted)
    np.testing.assert_allclose(found.scores, best[wanted], atol=1e-6)
    if len(wanted) < BOX_LIMIT:
        order, other = (
            np.lexsort((scores, each))
            for each, scores in ((found.classes, found.scores), (classes[wanted], best[wanted]))
        )
        assert found.classes[order].tolist() == classes[wanted][other].tolist()
        pairs = zip(found.boxes[order].tolist(), boxes[wanted][other].tolist(), strict=True)
        # Votes move boxes, those most of which is outside of the picture farther than others.
        assert np.mean([BoundingBox(*one).iou(BoundingBox(*two)) for one, two in pairs]) > 0.9


def cell_grids(*cells):
    """Grids that show the first label in these cells alone: (row, column, raw score, raw sides)."""
    grids = random_grids(0)
    for grid in grids:
        grid.scores.values[:] = -128
        grid.sides.values[:] = -128
    for row, column, score, sides in cells:
        grids[0].scores.values[row, column, 0] = score
        for side, distance in enumerate(sides):
            grids[0].sides.values[row, column, side * BINS + distance] = 127
    return grids


def test_a_box_is_the_mean_of_those_of_its_object_weighted_by_score():
    # Distances in strides of 8 from the cells' centres, 28 and 36 from the left, 20 from the top.
    middle, right = (2, 3, 110, (2, 1, 2, 1)), (2, 4, 90, (3, 1, 2, 1))

    found = find_boxes(cell_grids(middle, right), (HEIGHT, WIDTH), 0.5)
    alone = [find_boxes(cell_grids(each), (HEIGHT, WIDTH), 0.5) for each in (middle, right)]

    assert [len(each.boxes) for each in (found, *alone)] == [1, 1, 1]
    assert found.scores.tolist() == alone[0].scores.tolist()
    weights = [each.scores[0] for each in alone]
    expected = np.average([each.boxes[0] for each in alone], axis=0, weights=weights)
    np.testing.assert_allclose(found.boxes[0], expected, atol=1e-6)
    assert not np.allclose(alone[0].boxes, alone[1].boxes, atol=1e-3)


def test_another_object_has_no_vote():
    here, far = (2, 3, 110, (1, 1, 1, 1)), (5, 9, 100, (1, 1, 1, 1))

    found = find_boxes(cell_grids(here, far), (HEIGHT, WIDTH), 0.5)

    alone = find_boxes(cell_grids(here), (HEIGHT, WIDTH), 0.5)
    assert len(found.boxes) == 2
    np.testing.assert_allclose(found.boxes[0], alone.boxes[0], atol=1e-6)


def test_a_score_of_exactly_the_floor_is_found():
    grids = random_grids(1)
    for grid in grids:
        grid.scores.values[:] = -128
    grids[1].scores.values[2, 3, 4] = 80  # its zero: a logit of 0

    assert find_boxes(grids, (HEIGHT, WIDTH), 0.5).scores.tolist() == [0.5]
    assert len(find_boxes(grids, (HEIGHT, WIDTH), 0.501).scores) == 0


def test_a_floor_beyond_the_largest_integer_finds_nothing():
    grids = random_grids(2, zero=127)

    assert len(find_boxes(grids, (HEIGHT, WIDTH), 0.6).scores) == 0


def test_nothing_is_found_in_grids_without_a_score():
    grids = random_grids(3)
    for grid in grids:
        grid.scores.values[:] = -128

    found = find_boxes(grids, (HEIGHT, WIDTH), 0.36)

    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == found.classes.shape == (0,)
