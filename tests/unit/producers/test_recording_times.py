from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.recording_times import RecordingTimes

HOUR = 3_600_000


def corrected(own, interval_ms=100):
    times = RecordingTimes(interval_ms)
    return [times.step(*pair)[0] for pair in pairwise([*own, None])]


def test_times_that_can_be_true_stay_as_they_are():
    own = [0, 41, 80, 500, 60_000, 60_040, 60_040 + HOUR]

    assert corrected(own) == own


def test_a_damaged_beginning_keeps_its_length():
    assert corrected([2_000, 2_100, 2_200]) == [2_000, 2_100, 2_200]


@pytest.mark.parametrize("odd", [5 * HOUR, 600_000, 60_000, -5 * HOUR, -60_000])
def test_a_time_that_one_picture_has_is_an_error_of_that_picture(odd):
    own = [100 * number for number in range(10)]
    own[4] += odd

    assert corrected(own) == [100 * number for number in range(10)]


@pytest.mark.parametrize("odd", [5 * HOUR, -5 * HOUR, -60_000])
def test_a_leap_that_stays_is_another_clock(odd):
    own = [100 * number + (odd if number >= 4 else 0) for number in range(10)]

    assert corrected(own) == [100 * number for number in range(10)]


def test_after_an_odd_beginning_the_clock_is_right():
    assert corrected([5 * HOUR, 100, 200, 300]) == [0, 100, 200, 300]


def test_a_picture_an_hour_is_no_leap():
    own = [2 * HOUR * number for number in range(5)]

    assert corrected(own, interval_ms=2 * HOUR) == own


def test_pictures_out_of_order_follow_closely_and_the_clock_stays():
    assert corrected([0, 200, 300, 100, 500, 600, 400, 700]) == [
        0,
        200,
        300,
        301,
        500,
        600,
        601,
        700,
    ]


def test_the_same_time_again_and_again_is_told_apart_and_the_clock_stays():
    assert corrected([0, 0, 0, 100, 100, 100, 200]) == [0, 1, 2, 100, 101, 102, 200]


def test_pictures_without_times_come_at_the_usual_intervals():
    assert corrected([None] * 4) == [0, 100, 200, 300]
    assert corrected([0, 40, None, None, 160]) == [0, 40, 80, 120, 160]


def test_a_gap_is_no_usual_interval():
    assert corrected([0, 100, 60_100, None, 60_300]) == [0, 100, 60_100, 60_200, 60_300]


@given(
    st.lists(st.none() | st.integers(-(2**40), 2**40), min_size=1, max_size=30),
    st.integers(1, 10_000),
)
def test_times_only_grow_whatever_a_recording_says(own, interval_ms):
    times = RecordingTimes(interval_ms)

    shown = [times.step(*pair) for pair in pairwise([*own, None])]

    assert shown[0][0] >= 0
    assert all(at < until for at, until in shown)
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(shown))
