"""Where texts go."""

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.annotation.placement import Area, place

PICTURE = Area(0, 0, 200, 100)
PLACES = st.tuples(st.integers(0, 199), st.integers(0, 99))
AREAS = st.tuples(PLACES, PLACES).map(
    lambda p: Area(
        min(p[0][0], p[1][0]), min(p[0][1], p[1][1]), max(p[0][0], p[1][0]), max(p[0][1], p[1][1])
    )
)


@given(st.integers(1, 200), st.integers(1, 100), AREAS, st.lists(AREAS, max_size=8))
def test_a_text_is_inside_the_picture_and_keeps_its_size(width, height, named, taken):
    area = place(width, height, named, PICTURE, taken)

    assert (area.width, area.height) == (width, height)
    assert min(area.left, area.top) >= 0
    assert area.right <= PICTURE.right
    assert area.bottom <= PICTURE.bottom


@given(AREAS)
def test_two_small_texts_about_one_thing_do_not_cover_each_other(named):
    first = place(20, 10, named, PICTURE, [])
    second = place(20, 10, named, PICTURE, [first])

    assert first.overlap(second) == 0


def test_a_text_is_above_what_it_names_or_below_or_in_it():
    assert place(50, 10, Area(20, 40, 60, 80), PICTURE, []) == Area(20, 30, 70, 40)
    assert place(50, 10, Area(20, 0, 60, 80), PICTURE, [Area(0, 0, 200, 10)]).top == 80
    assert place(50, 10, Area(150, 40, 190, 80), PICTURE, []) == Area(150, 30, 200, 40)


def test_a_text_larger_than_the_picture_begins_at_its_corner():
    assert place(500, 10, Area(20, 40, 60, 80), PICTURE, [])[:2] == (0, 30)
