import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.spread import Spread, fairness, percentiles, spread


def test_a_spread_is_the_middle_and_the_ends():
    assert spread([3.0, 1.0, 2.004]) == Spread(median=2.0, min=1.0, max=3.0)


def test_percentiles_of_a_known_row():
    assert percentiles(range(101)) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}


def test_without_numbers_there_are_no_percentiles():
    assert percentiles([]) == {}


@given(st.lists(st.floats(0, 10_000), min_size=1))
def test_percentiles_never_fall(numbers):
    found = list(percentiles(numbers).values())

    assert found == sorted(found)


def test_the_fair_share_is_what_all_cameras_have_together():
    found = fairness({"a": 10, "b": 30}, {"a": 100, "b": 100})

    assert (found.fair, found.min, found.max) == (0.2, 0.1, 0.3)


def test_a_camera_without_processed_frames_has_the_least_share():
    assert fairness({"b": 30}, {"a": 100, "b": 100}).min == 0


@pytest.mark.parametrize("received", [{"a": 0}, {}])
def test_where_nothing_was_received_no_share_is_claimed(received):
    found = fairness({}, received)

    assert (found.fair, found.min, found.max) == (0, 0, 0)
