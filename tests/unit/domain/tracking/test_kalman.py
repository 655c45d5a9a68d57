import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.tracking.kalman import HORIZON_S, initial_state

START = BoundingBox(0.2, 0.4, 0.3, 0.7)


def follow(boxes_and_gaps):
    kalman = initial_state(START)
    for box, gap_s in boxes_and_gaps:
        kalman = kalman.after(gap_s).corrected(box)
    return kalman


def test_velocity_is_in_picture_sides_a_second():
    walk = [(START.moved(0.05 * n, -0.01 * n), 0.5) for n in range(1, 20)]
    kalman = follow(walk)
    assert (kalman.velocity_x, kalman.velocity_y) == pytest.approx((0.1, -0.02), abs=0.002)


def test_a_moving_object_is_expected_ahead_up_to_the_horizon():
    kalman = follow([(START.moved(0.05 * n, 0.0), 0.5) for n in range(1, 20)])
    ahead, far, farther = (kalman.after(s) for s in (1.0, HORIZON_S, 60.0))
    assert ahead.x == pytest.approx(kalman.x + 0.1, abs=0.005)
    assert far == farther


def test_the_position_of_a_still_object_gets_more_certain_with_each_sighting():
    kalmans = [initial_state(START)]
    for _ in range(8):
        kalmans.append(kalmans[-1].after(0.5).corrected(START))
    expected = [kalman.after(0.5).deviation for kalman in kalmans]
    assert expected == sorted(expected, reverse=True)


def test_one_half_hidden_box_does_not_halve_the_object():
    hidden = BoundingBox(0.2, 0.4, 0.25, 0.7)
    kalman = follow([(START, 0.2)] * 5 + [(hidden, 0.2)])
    assert hidden.width < kalman.width < START.width


@given(
    st.lists(
        st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0.001, 600.0)),
        max_size=60,
    )
)
def test_the_covariance_stays_one_whatever_the_times_and_places(steps):
    kalman = initial_state(START)
    for dx, dy, gap_s in steps:
        kalman = kalman.after(gap_s).corrected(START.moved(dx, dy))
        assert 0 < kalman.variance <= 1
        assert kalman.covariance**2 <= kalman.variance * kalman.speed_variance * (1 + 1e-9)
