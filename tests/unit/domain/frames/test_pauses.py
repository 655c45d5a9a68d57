import pytest

from pycturestream.domain.frames.pauses import (
    CAMERAS,
    COST_FACTOR,
    FIRST_MS,
    FORGOTTEN_AFTER_MS,
    LONGEST_MS,
    Pauses,
)
from tests.scenes import NINE

DAY_MS = 86_400_000


def length_of(pauses: Pauses, camera_id: str, now: int) -> int:
    """Return for how long a camera is paused, in steps of 100 ms."""
    steps = range(0, 2 * LONGEST_MS, 100)
    return next(ms for ms in steps if not pauses.is_paused(camera_id, now + ms))


def test_only_the_camera_that_caused_it_waits():
    pauses = Pauses()
    pauses.note_failure("bad", NINE)
    assert pauses.is_paused("bad", NINE)
    assert not pauses.is_paused("good", NINE)


def test_pauses_grow_up_to_the_longest():
    pauses, now, lengths = Pauses(), NINE, []
    for _ in range(9):
        pauses.note_failure("bad", now)
        lengths.append(length_of(pauses, "bad", now))
        now += lengths[-1]
    assert lengths[:4] == [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS, 8 * FIRST_MS]
    assert lengths[-2:] == [LONGEST_MS, LONGEST_MS]


def test_after_a_good_while_a_failure_is_a_first_one():
    pauses = Pauses()
    for _ in range(3):
        pauses.note_failure("bad", NINE)
    later = NINE + 4 * FIRST_MS + FORGOTTEN_AFTER_MS
    pauses.note_failure("bad", later)
    assert length_of(pauses, "bad", later) == FIRST_MS


@pytest.mark.parametrize(("decode_ms", "length"), [(5, 0), (99, 0), (300, 300 * COST_FACTOR)])
def test_a_costly_picture_is_waited_for_in_proportion(decode_ms, length):
    pauses = Pauses()
    pauses.note_decoding("large", decode_ms, NINE)
    assert length_of(pauses, "large", NINE) == length


def test_costly_pictures_between_failures_do_not_hide_them():
    pauses = Pauses()
    pauses.note_failure("bad", NINE)
    pauses.note_decoding("bad", 300, NINE + FIRST_MS)
    later = NINE + 2 * FIRST_MS
    pauses.note_failure("bad", later)
    assert length_of(pauses, "bad", later) == 2 * FIRST_MS


def test_a_clock_that_is_set_back_does_not_lengthen_a_pause():
    pauses = Pauses()
    pauses.note_failure("bad", NINE)
    assert length_of(pauses, "bad", NINE - DAY_MS) == FIRST_MS
    # Nor is the failure remembered for longer than it would have been
    later = NINE - DAY_MS + FIRST_MS + FORGOTTEN_AFTER_MS
    pauses.note_failure("bad", later)
    assert length_of(pauses, "bad", later) == FIRST_MS


def test_a_clock_that_jumps_ahead_ends_a_pause():
    pauses = Pauses()
    pauses.note_failure("bad", NINE)
    assert not pauses.is_paused("bad", NINE + DAY_MS)


def test_however_many_names_senders_make_up_the_longest_pauses_remain():
    pauses = Pauses()
    for _ in range(3):
        pauses.note_failure("bad", NINE)
    for number in range(3 * CAMERAS):
        pauses.note_failure(f"camera-{number}", NINE + number)
    assert len(pauses) == CAMERAS
    assert pauses.is_paused("bad", NINE)
