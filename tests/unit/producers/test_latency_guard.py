from hypothesis import given
from hypothesis import strategies as st

from producers.latency_guard import LatencyGuard


def old_ones(arrivals):
    """Return the stream's times of the old pictures, given pairs of arrival and stream's time."""
    edge = LatencyGuard()
    return [stream for came, stream in arrivals if edge.is_old(came, stream)]


def test_pictures_that_come_in_time_are_new():
    assert old_ones([(500 + i / 10, i / 10) for i in range(100)]) == []


def test_a_little_late_is_new_too():
    assert old_ones([(i / 10 + (0.8 if i % 7 == 0 else 0), i / 10) for i in range(100)]) == []


def test_of_a_burst_after_a_pause_only_the_last_second_is_new():
    steady = [(i / 10, i / 10) for i in range(50)]
    burst = [(10 + i / 1000, 5 + i / 10) for i in range(50)]

    assert old_ones(steady + burst) == [5 + i / 10 for i in range(41)]


def test_a_camera_that_paused_itself_gives_new_pictures():
    assert old_ones([(0, 0), (0.1, 0.1), (60, 60), (60.1, 60.1)]) == []


def test_a_clock_that_runs_slow_makes_no_picture_old():
    day = range(0, 86_400, 10)

    assert old_ones([(second, 0.9995 * second) for second in day]) == []


def test_times_that_make_no_sense_are_trusted_for_a_moment_only():
    standing_still = [(i / 10, 0) for i in range(1000)]

    assert len(old_ones(standing_still)) <= 21


@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(-1e6, 1e6)), max_size=200))
def test_no_times_whatever_drop_a_cameras_pictures_for_long(steps):
    edge, second, dark_since = LatencyGuard(), 0.0, None
    for pause, stream_second in steps:
        second += pause
        if not edge.is_old(second, stream_second):
            dark_since = None
        elif dark_since is None:
            dark_since = second
        else:
            assert second - dark_since <= 2.5
