import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import BenchmarkError
from benchmarks.rate import Batch, batches, leave_out


def test_pictures_that_were_done_at_one_moment_are_a_batch():
    assert batches([3.0, 1.0, 3.0, 2.0, 3.0]) == [Batch(1.0, 1), Batch(2.0, 1), Batch(3.0, 3)]


def test_the_first_batches_count_neither_as_pictures_nor_as_time():
    slow_start = [Batch(100.0, 16), Batch(101.0, 16), Batch(102.0, 16), Batch(102.5, 8)]

    stretch = leave_out(slow_start, 20)

    assert (stretch.start, stretch.end, stretch.pictures) == (101.0, 102.5, 24)
    assert stretch.rate == pytest.approx(16)
    assert stretch.batch_size == 12


def test_an_empty_first_batch_says_when_it_began():
    assert leave_out([Batch(10.0, 0), Batch(12.0, 1), Batch(14.0, 1)], 0).rate == 0.5


@given(st.lists(st.integers(1, 16), min_size=2, max_size=30), st.floats(0.1, 10))
def test_a_steady_way_has_the_same_rate_whatever_is_left_out(sizes, seconds):
    steady, at = [], 0.0
    for size in sizes:
        at += size * seconds
        steady.append(Batch(at, size))

    assert leave_out(steady, 0).rate == pytest.approx(1 / seconds)
    assert leave_out(steady, sum(sizes[:-1])).rate == pytest.approx(1 / seconds)


def test_too_few_pictures_are_an_error():
    with pytest.raises(BenchmarkError, match="32 pictures are too few"):
        leave_out([Batch(1.0, 16), Batch(2.0, 16)], 32)
