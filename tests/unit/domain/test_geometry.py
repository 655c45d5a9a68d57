from math import cos, hypot, pi, sin

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain import geometry
from pycturestream.domain.cameras.camera import EDGE, Camera, Zone
from pycturestream.domain.geometry import (
    CORNER_LIMIT,
    BoundingBox,
    contains,
    divides,
    fault_of,
    fault_of_line,
    is_near_border,
    leads_through,
    right_of,
    sector,
    share_before,
    way_inside,
)
from tests.scenes import box

coordinates = st.floats(0, 1, allow_nan=False)
corners_of_pictures = st.one_of(
    coordinates, st.sampled_from((0.0, 0.3, 1 - 3 * EDGE, 1 - 1.5 * EDGE, 1 - EDGE, 1.0))
)
TRIANGLE = ((0.1, 0.1), (0.9, 0.1), (0.1, 0.5))
SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))
INNER_ROUND = ((0, 0.4), (0.5, 0), (1, 0.5), (0.5, 1), (0, 0.6))


@st.composite
def boxes(draw: st.DrawFn) -> BoundingBox:
    x = sorted([draw(coordinates), draw(coordinates)])
    y = sorted([draw(coordinates), draw(coordinates)])
    return BoundingBox(x[0], y[0], x[1], y[1])


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ((0.1, 0.1), "top left"),
        ((0.1, 0.5), "middle left"),
        ((0.5, 0.5), "center"),
        ((0.5, 0.1), "top center"),
        ((0.9, 0.5), "middle right"),
        ((0.9, 0.95), "bottom right"),
        ((1.0, 1.0), "bottom right"),
        ((0.0, 0.0), "top left"),
    ],
)
def test_a_sector_is_named_row_before_column(point, name):
    assert sector(point) == name


def test_overlap_of_half_covered_boxes():
    assert box(0.0, 0.0, 0.2, 0.1).iou(box(0.1, 0.0, 0.2, 0.1)) == pytest.approx(1 / 3)


@given(boxes(), boxes())
@example(BoundingBox(0, 0, 1e-266, 1e-266), BoundingBox(0, 0, 5e-324, 0.5))
def test_overlap_is_symmetric_and_between_zero_and_one(one, other):
    assert 0.0 <= one.iou(other) <= 1.0 + 1e-9
    assert one.iou(other) == other.iou(one)


def test_the_bottom_center_is_the_middle_of_the_bottom_edge():
    assert box(0.2, 0.4, 0.1, 0.3).bottom_center == pytest.approx((0.25, 0.7))


@pytest.mark.parametrize(
    ("point", "inside"),
    [((0.2, 0.2), True), ((0.8, 0.4), False), ((0.05, 0.2), False), ((0.5, 0.9), False)],
)
def test_a_point_in_a_slanted_zone(point, inside):
    assert contains(TRIANGLE, point) is inside


def test_an_object_cut_off_by_the_edge_stands_in_the_zone_at_the_edge():
    lower_right = Zone("lower-right", ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)))
    camera = Camera("gate", zones=(lower_right,))
    assert camera.zones_of((0.7, 1.0)) == camera.zones_of((1.0, 0.7)) == ("lower-right",)
    assert camera.zones_of((0.4, 1.0)) == ()


@pytest.mark.parametrize(
    ("corners", "fault"),
    [
        (TRIANGLE, None),
        ((*TRIANGLE, TRIANGLE[0]), None),  # closed by hand
        (((0, 0), (1, 0), (1, 1), (0.5, 0.5), (0, 1)), None),
        ((), "must have at least 3 corners"),
        (((0, 0), (1, 1), (0, 0), (1, 1)), "must have at least 3 corners"),
        (((0, 0), (1, 1), (1, 0), (0, 1)), "must not cross itself"),
        (SQUARE * 2, "must not come to a corner twice"),
        ((*SQUARE, SQUARE[0]) * 2, "must not come to a corner twice"),
        ((*SQUARE, *INNER_ROUND), "must not touch itself"),  # by even-odd it holds the rest alone
        (((0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)), "must not touch itself"),
        (((0, 0), (0.5, 0.25), (1, 0.5)), "must have an area"),
        (((0, 0), (1, 0), (1, 1e-7)), "must have an area"),
    ],
)
def test_a_polygon_has_a_clear_inside(corners, fault):
    assert fault_of(corners) == fault


def circle(corners: int) -> list[tuple[float, float]]:
    turns = [2 * pi * corner / corners for corner in range(corners)]
    return [(0.5 + 0.4 * cos(turn), 0.5 + 0.4 * sin(turn)) for turn in turns]


def test_a_polygon_of_many_corners_is_rejected_before_its_edges_are_compared(monkeypatch):
    largest = circle(CORNER_LIMIT)
    assert fault_of([*largest, largest[0]]) is None

    monkeypatch.setattr(geometry, "combinations", None)
    assert fault_of(circle(CORNER_LIMIT + 1)) == "must have at most 200 corners"


EIGHTHS = st.integers(0, 8).map(lambda eighths: eighths / 8)  # their products are exact


@given(st.lists(st.tuples(EIGHTHS, EIGHTHS), max_size=7))
def test_corners_are_judged_the_same_from_wherever_they_begin_and_in_both_directions(corners):
    faults = {fault_of(corners), fault_of(corners[::-1]), fault_of(corners[1:] + corners[:1])}

    assert len(faults) == 1


LINE = ((0.2, 0.5), (0.8, 0.5))


@pytest.mark.parametrize(
    ("ends", "fault"),
    [
        (LINE, None),
        ((), "must have 2 ends, such as [[0.2, 0.5], [0.8, 0.5]]"),
        ((*LINE, (1, 1)), "must have 2 ends, such as [[0.2, 0.5], [0.8, 0.5]]"),
        (((0.5, 0.5), (0.5, 0.5)), "must have a length"),
        (((0.5, 0.5), (0.5, 0.5005)), "must have a length"),
    ],
)
def test_a_line_can_be_crossed(ends, fault):
    assert fault_of_line(ends) == fault


@pytest.mark.parametrize(
    ("way", "through"),
    [
        (((0.5, 0.4), (0.5, 0.6)), True),
        (((0.5, 0.6), (0.5, 0.4)), True),
        (((0.9, 0.4), (0.9, 0.6)), False),
        (((0.7, 0.1), (0.95, 0.6)), False),
        (((0.5, 0.1), (0.6, 0.4)), False),
        (((0.3, 0.5), (0.7, 0.5)), False),
    ],
)
def test_a_way_leads_through_a_line_only_between_its_ends(way, through):
    assert leads_through(way, LINE) is through


@given(st.lists(st.tuples(EIGHTHS, EIGHTHS), min_size=2, max_size=9))
def test_a_closed_path_crosses_an_infinite_line_an_even_number_of_times(stops):
    endless = ((-9, 0.5), (9, 0.5))
    ways = zip(stops, [*stops[1:], stops[0]], strict=True)
    assert sum(leads_through(way, endless) for way in ways) % 2 == 0


def test_right_is_meant_as_seen_from_the_first_point_and_counted_in_units():
    assert right_of(LINE, (0.5, 0.7), (0.1, 0.2)) == pytest.approx(1)
    assert right_of(LINE, (0.5, 0.3), (0.1, 0.2)) == pytest.approx(-1)
    assert right_of(((0.5, 0.2), (0.5, 0.8)), (0.3, 0.1), (0.1, 0.2)) == pytest.approx(2)
    assert right_of(((0.5, 0.5), (0.5, 0.5)), (0.3, 0.1), (0.1, 0.2)) == 0


@pytest.mark.parametrize(
    ("point", "distance"),
    [((0.5, -0.4), 2), ((-0.3, 0.5), 3), ((0.5, 0.8), 1), ((1.3, 1.8), 5), ((0.01, 0.5), 0.1)],
)
def test_a_border_is_near_by_the_distance_to_it_in_units(point, distance):
    for share, near in ((distance * 1.001, True), (distance * 0.999, False)):
        unit = 0.1 * share, 0.2 * share
        assert is_near_border(SQUARE, point, unit) is near


@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8),
    st.tuples(coordinates, coordinates),
    st.floats(0.001, 0.3),
    st.floats(0.001, 0.3),
)
def test_a_border_is_near_where_a_point_of_it_is(polygon, point, width, height):
    edges = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    steps = [n / 50 for n in range(51)]
    away = min(
        hypot((a + t * (c - a) - point[0]) / width, (b + t * (d - b) - point[1]) / height)
        for (a, b), (c, d) in edges
        for t in steps
    )
    if is_near_border(polygon, point, (width, height)):
        longest = max(
            hypot((a - c) / width, (b - d) / height) for a, b in polygon for c, d in polygon
        )
        assert away < 1 + longest / 50
    else:
        assert away > 1 - 1e-9


@given(
    st.lists(st.tuples(corners_of_pictures, corners_of_pictures), min_size=3, max_size=8),
    st.tuples(corners_of_pictures, corners_of_pictures),
)
def test_a_zone_holds_what_its_polygon_holds_and_what_the_edge_of_the_picture_cuts_off(
    polygon, point
):
    x, y = (min(coordinate, 1 - EDGE) for coordinate in point)
    assert Zone("any", tuple(polygon)).contains(point) == contains(polygon, (x, y))


def test_a_zone_that_is_redrawn_holds_what_its_new_polygon_holds():
    zone = Zone("any", SQUARE)
    assert zone.contains((0.9, 0.9))
    assert not replace(zone, polygon=TRIANGLE).contains((0.9, 0.9))


POLYGONS = (TRIANGLE, SQUARE, INNER_ROUND, ((0.2, 0.2), (0.8, 0.2), (0.5, 0.4), (0.8, 0.8)))
points = st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2))


@given(st.sampled_from(POLYGONS), points, points)
def test_a_way_is_inside_between_its_shares_and_nowhere_else(polygon, start, end):
    assume(hypot(end[0] - start[0], end[1] - start[1]) > 1e-6)
    way = way_inside(polygon, (start, end))
    enters, leaves = way or (1.0, 0.0)
    assert way is None or 0 <= enters <= leaves <= 1
    for number in range(101):
        share = number / 100
        point = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
        if contains(polygon, point) and not is_near_border(polygon, point, (1e-9, 1e-9)):
            assert enters - 1e-6 <= share <= leaves + 1e-6


@given(points, points)
def test_a_way_through_a_convex_polygon_is_inside_halfway_between_its_shares(start, end):
    if way := way_inside(SQUARE, (start, end)):
        middle = sum(way) / 2
        point = tuple(a + middle * (b - a) for a, b in zip(start, end, strict=True))
        assert contains(SQUARE, point) or is_near_border(SQUARE, point, (1e-6, 1e-6))


@pytest.mark.parametrize(
    ("path", "way"),
    [
        (((-1, 0.5), (3, 0.5)), (0.25, 0.5)),
        (((0.5, 0.5), (1.5, 0.5)), (0, 0.5)),
        (((-0.5, 0.25), (0.5, 0.25)), (0.5, 1)),
        (((0.2, 0.2), (0.4, 0.8)), (0, 1)),
        (((-1, 2), (2, 2)), None),
        (((2, 0.5), (3, 0.5)), None),
        (((0.5, 0.5), (0.5, 0.5)), None),
    ],
)
def test_the_way_inside_a_square(path, way):
    assert way_inside(SQUARE, path) == (way and pytest.approx(way))


@pytest.mark.parametrize(
    ("x", "unit", "through"),
    [
        (0.05, (0.1, 0.2), False),  # less than one unit of the square is on one side
        (0.15, (0.1, 0.2), True),
        (0.85, (0.1, 0.2), True),
        (0.95, (0.1, 0.2), False),
        (0.15, (10, 20), False),  # of what is smaller than four units: a quarter
        (0.26, (10, 20), True),
        (1.5, (10, 20), False),
    ],
)
def test_a_path_divides_what_reaches_far_enough_on_both_sides(x, unit, through):
    assert divides(((x, -1), (x, 2)), SQUARE, unit) is through


def test_a_path_passes_a_line_at_its_share():
    upright = ((0.4, 0.0), (0.4, 1.0))
    assert share_before(((0.2, 0.5), (1.0, 0.6)), upright) == pytest.approx(0.25)
    assert share_before(((0.5, 0.5), (1.0, 0.6)), upright) == 0


@given(
    st.sampled_from(POLYGONS),
    st.tuples(coordinates, coordinates),
    st.tuples(coordinates, coordinates),
)
def test_whoever_enters_or_leaves_a_zone_comes_near_its_border(polygon, start, end):
    zone = Zone("zone", polygon)
    way = zone.way_inside((start, end))
    if way is not None and way != (0, 1):
        (left, right), (top, bottom) = (sorted(side) for side in zip(start, end, strict=True))
        assert zone.may_be_passed((left, top, right, bottom))
    assert not zone.may_be_passed((2, 2, 3, 3))
