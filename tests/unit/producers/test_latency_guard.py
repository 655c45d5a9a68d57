import pytest
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


# --- the lead is unlearned ---------------------------------------------------------------------

FPS = st.sampled_from([2, 10, 25])
WRONG = st.one_of(
    st.sampled_from([5 * 3600.0, -5 * 3600.0, 5.0, -5.0, 1.5, -1.5, 0.9, -0.9]),
    st.floats(),  # with those that are no numbers
)
HELD_UP_S = 6


def steady(fps, seconds, begin=0.0, ahead=0.0, jitter=lambda: 0.0):
    """Return arrivals and stream's times of pictures that come as they are taken."""
    taken = [begin + i / fps for i in range(round(fps * seconds))]
    return [(at + jitter(), at + ahead) for at in taken]


def burst(fps, begin, ahead=0.0):
    """Return those of pictures that were held up, and come within a moment."""
    end = begin + HELD_UP_S + 0.02
    return [(end + i / 10_000, begin + i / fps + ahead) for i in range(fps * HELD_UP_S)]


def held_up(fps, begin, ahead=0.0):
    """Return the stream's times of those that are old: all but the last second."""
    return [stream for came, stream in burst(fps, begin, ahead) if came - (stream - ahead) > 1.0]


@given(FPS, st.integers(0, 99), WRONG)
def test_one_wrong_time_changes_nothing_for_the_other_pictures(fps, position, off):
    pictures = steady(fps, 10)
    position = position * len(pictures) // 100
    came, stream = pictures[position]
    pictures[position] = came, stream + off

    guard = LatencyGuard()

    found = [guard.is_old(*picture) for picture in pictures + burst(fps, 10)]

    del found[position]
    old, late = len(held_up(fps, 10)), len(burst(fps, 10))
    assert found == [False] * (10 * fps - 1) + [True] * old + [False] * (late - old)


@given(FPS, st.integers(1, 99), WRONG)
def test_one_wrong_time_in_a_burst_makes_no_old_picture_new(fps, position, off):
    late = burst(fps, 10)
    old = len(held_up(fps, 10))
    position = position * old // 100
    came, stream = late[position]
    late[position] = came, stream + off
    guard = LatencyGuard()

    found = [guard.is_old(*picture) for picture in steady(fps, 10) + late][10 * fps :]

    others = [is_old for index, is_old in enumerate(found) if index != position]
    assert others == [True] * (old - 1) + [False] * (len(late) - old)
    assert found[position] or (position == 0 or abs(off) < HELD_UP_S)


@given(FPS, st.floats(-1e5, 1e5), st.randoms(use_true_random=False))
def test_a_clock_that_was_set_is_another_clock_and_soon_believed(fps, step, chance):
    jitter = lambda: chance.uniform(0, 0.05)  # noqa: E731
    before = steady(fps, 10, jitter=jitter)
    after = steady(fps, 10, begin=10, ahead=step, jitter=jitter)

    lost = old_ones(before + after)
    found = old_ones(before + after + burst(fps, 20, step))

    # At the border of what counts as late jitter decides, until the leads of before are forgotten.
    seconds = 6.0 if abs(step + 1) < 0.1 else 2.5
    assert len(lost) <= seconds * fps
    assert {round(each, 6) for each in found[len(lost) :]} >= {
        round(each, 6) for each in held_up(fps, 20, step) if each - step < 24.5
    }


@pytest.mark.parametrize("step", [-5.0, -3600.0, 5.0, 3600.0])
def test_a_clock_that_is_set_by_seconds_costs_no_picture(step):
    assert old_ones(steady(10, 10) + steady(10, 10, begin=10, ahead=step)) == []


def test_what_a_camera_repeats_from_a_file_costs_no_picture():
    played = [steady(10, 30, begin=30.0 * times, ahead=-30.0 * times) for times in range(5)]
    pictures = [picture for each in played for picture in each]

    assert old_ones(pictures) == []
    assert old_ones(pictures + burst(10, 150, -120)) == held_up(10, 150, -120)


@given(st.floats(-1, 0.75) | st.floats(0.8, 3), FPS)  # in between, it is late in turns
def test_a_clock_that_runs_at_another_pace_costs_a_few_pictures_once(pace, fps):
    minutes = [(i / fps, pace * i / fps) for i in range(120 * fps)]

    assert len(old_ones(minutes)) <= 3 * fps


def test_a_camera_that_begins_with_what_it_has_kept_is_known_at_once():
    kept = [(3 + i / 1000, i / 10) for i in range(30)]
    live = steady(10, 2, begin=3.1)

    assert old_ones(kept + live + burst(10, 5.1)) == held_up(10, 5.1)


def test_a_backlog_that_comes_in_two_bursts_is_old_to_its_end():
    first, second = burst(10, 10)[:30], [(came + 3, taken) for came, taken in burst(10, 10)[30:]]

    found = old_ones(steady(10, 10) + first + second)

    assert found == [taken for came, taken in first + second if taken < came - 1.0]
