import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.tracking.kalman import HORIZON_S, course_from

START = BoundingBox(0.2, 0.4, 0.3, 0.7)


def follow(boxes_and_gaps):
    course = course_from(START)
    for box, gap_s in boxes_and_gaps:
        course = course.after(gap_s).corrected(box)
    return course


def test_velocity_is_in_picture_sides_a_second():
    walk = [(START.moved(0.05 * n, -0.01 * n), 0.5) for n in range(1, 20)]
    course = follow(walk)
    assert (course.velocity_x, course.velocity_y) == pytest.approx((0.1, -0.02), abs=0.002)


def test_what_goes_on_is_expected_ahead_as_far_as_the_horizon():
    course = follow([(START.moved(0.05 * n, 0.0), 0.5) for n in range(1, 20)])
    ahead, far, farther = (course.after(s) for s in (1.0, HORIZON_S, 60.0))
    assert ahead.x == pytest.approx(course.x + 0.1, abs=0.005)
    assert far == farther


def test_what_stands_is_known_the_better_the_more_often_it_is_seen():
    courses = [course_from(START)]
    for _ in range(8):
        courses.append(courses[-1].after(0.5).corrected(START))
    expected = [course.after(0.5).deviation for course in courses]
    assert expected == sorted(expected, reverse=True)


def test_one_box_that_is_half_hidden_does_not_halve_the_thing():
    hidden = BoundingBox(0.2, 0.4, 0.25, 0.7)
    course = follow([(START, 0.2)] * 5 + [(hidden, 0.2)])
    assert hidden.width < course.width < START.width


@given(
    st.lists(
        st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0.001, 600.0)),
        max_size=60,
    )
)
def test_the_covariance_stays_one_whatever_the_times_and_places(steps):
    course = course_from(START)
    for dx, dy, gap_s in steps:
        course = course.after(gap_s).corrected(START.moved(dx, dy))
        assert 0 < course.variance <= 1
        assert course.covariance**2 <= course.variance * course.speed_variance * (1 + 1e-9)
