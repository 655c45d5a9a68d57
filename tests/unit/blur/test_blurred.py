"""What remains of a region: nothing. What changes outside: nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.blur.fill import GREY, blurred
from pycturestream.domain.geometry import BoundingBox

SIDES = st.integers(1, 40)
PLACES = st.floats(-0.5, 1.5)
REGIONS = st.lists(
    st.tuples(PLACES, PLACES, PLACES, PLACES).map(
        lambda p: BoundingBox(min(p[0], p[2]), min(p[1], p[3]), max(p[0], p[2]), max(p[1], p[3]))
    ),
    max_size=5,
)


def picture(height: int, width: int, seed: int):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def touched(height: int, width: int, regions):
    """Return which pixels, squares of their own, share some area with a region."""
    inside = np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            inside[y, x] = any(
                x < r.x_max * width
                and x + 1 > r.x_min * width
                and y < r.y_max * height
                and y + 1 > r.y_min * height
                for r in regions
            )
    return inside


@given(SIDES, SIDES, REGIONS)
def test_two_pictures_that_differ_in_the_regions_only_become_the_same(height, width, regions):
    inside = touched(height, width, regions)[..., np.newaxis]
    one, other = picture(height, width, 1), picture(height, width, 2)
    other = np.where(inside, other, one)

    assert (blurred(one, regions) == blurred(other, regions)).all()


@given(SIDES, SIDES, REGIONS)
def test_nothing_outside_the_regions_changes_and_the_original_stays(height, width, regions):
    original = picture(height, width, 3)
    outside = ~touched(height, width, regions)

    result = blurred(original, regions)

    assert (result[outside] == original[outside]).all()
    assert (result[~outside] == GREY).all()
    assert (original == picture(height, width, 3)).all()


@given(SIDES, SIDES, REGIONS, st.randoms())
def test_neither_repetition_nor_order_matters(height, width, regions, random):
    once = blurred(picture(height, width, 4), regions)
    shuffled = random.sample(regions, len(regions))

    assert (blurred(once, regions) == once).all()
    assert (blurred(picture(height, width, 4), shuffled) == once).all()


def test_a_region_is_where_it_should_be_in_a_picture_that_is_not_square():
    result = blurred(np.zeros((10, 20, 3), np.uint8), [BoundingBox(0.5, 0.1, 0.75, 0.3)])

    rows, columns = np.nonzero(result[..., 0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1, 2, 10, 14)
