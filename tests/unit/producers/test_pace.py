from itertools import islice, pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.pace import DuePictures, index_at, steps, ticks

RATES = st.sampled_from([0.2, 1, 2, 3, 7, 10, 15, 24, 25, 29.97, 30, 60])


def test_pictures_are_due_at_even_intervals(clock):
    taken = [(tick, clock.elapsed) for tick in islice(ticks(2, clock), 4)]

    assert taken == [(0, 0), (0.5, 0.5), (1, 1), (1.5, 1.5)]


def test_what_a_slow_reader_missed_is_left_out(clock):
    due = ticks(2, clock)
    next(due)
    clock.elapsed = 1.7  # 0.5 and 1.0 passed meanwhile

    assert [next(due), next(due)] == [1.5, 2.0]
    assert clock.elapsed == pytest.approx(2.0)


def test_a_rate_that_grows_is_followed_within_a_second(clock):
    due = ticks(lambda: 4 if clock.elapsed >= 1.2 else 0.1, clock)

    assert list(islice(due, 3)) == [0, 1.5, 1.75]
    assert clock.elapsed == 1.75


def test_a_rate_that_falls_is_followed_from_the_next_picture_on(clock):
    due = ticks(lambda: 0.5 if clock.elapsed >= 0.5 else 4, clock)

    assert list(islice(due, 5)) == [0, 0.25, 0.5, 2.5, 4.5]


@given(RATES, st.lists(st.floats(0, 3), min_size=1, max_size=20))
def test_no_picture_comes_early_and_none_twice(fps, reading_times):
    from_zero = type(
        "Clock", (), {"elapsed": 0.0, "stopped": False, "seconds": lambda self: self.elapsed}
    )()
    from_zero.sleep = lambda seconds: setattr(from_zero, "elapsed", from_zero.elapsed + seconds)
    due = ticks(fps, from_zero)
    seen = []
    for reading_time in reading_times:
        seen.append(next(due))
        assert from_zero.elapsed >= seen[-1] - 1e-5
        from_zero.elapsed += reading_time

    assert seen == sorted(set(seen))


@given(RATES)
def test_a_recording_at_its_own_rate_shows_every_picture(fps):
    indexes = [index_at(second, fps) for second in islice(steps(fps), 500)]

    assert indexes == list(range(500))


@pytest.mark.parametrize(("own", "asked", "indexes"), [(10, 2, [0, 5, 10]), (7, 2, [0, 3, 7])])
def test_a_lower_rate_takes_the_picture_that_shows_then(own, asked, indexes):
    assert [index_at(second, own) for second in islice(steps(asked), 3)] == indexes


def chosen(times, fps):
    due = DuePictures(fps)
    return [
        at for at, until in pairwise([*times, 2 * times[-1] - times[-2]]) if due.take(at, until)
    ]


@given(RATES)
def test_a_recordings_own_rate_chooses_each_picture_though_its_times_are_rounded(fps):
    times = [round(1000 * number / fps) / 1000 for number in range(500)]

    assert chosen(times, fps) == times


def test_the_picture_nearest_to_each_moment_is_chosen():
    assert chosen([0.0, 0.3, 0.4, 0.9, 1.1, 1.6], fps=2) == [0.0, 0.4, 0.9, 1.6]


def test_after_a_gap_nothing_is_made_up_for():
    assert chosen([0.0, 0.5, 60.0, 60.1, 60.2, 60.5, 61.0], fps=2) == [0.0, 0.5, 60.0, 60.5, 61.0]


def test_a_rate_that_changes_is_followed_from_the_last_picture_on():
    rates = iter([2, 2, 2, 2, 2, 2, 10, 10, 10, 10, 10, 1])
    due = DuePictures(lambda: next(rates))

    assert [at / 10 for at in range(12) if due.take(at / 10, (at + 1) / 10)] == [
        0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,
    ]  # fmt: skip


def test_without_a_rate_all_pictures_are_chosen_until_there_is_one():
    rates = iter([inf] * 4 + [2] * 8)
    due = DuePictures(lambda: next(rates))

    assert [at for at in range(12) if due.take(at / 10, (at + 1) / 10)] == [0, 1, 2, 3, 8]
    assert DuePictures(None).take(0, 1)
