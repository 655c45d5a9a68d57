import pytest

from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.sender import (
    SITUATION_MS,
    UNNAMED,
    SenderState,
    describe,
    hold,
    is_other,
    read_sender,
    refuse,
    sender_header,
)
from tests.scenes import NINE

HOLD_MS = 30_000
HELD = SenderState("kitchen:100", NINE)


@pytest.mark.parametrize("name", ["kitchen-3fa2c1", "a", "x" * 64])
def test_a_producer_is_read_by_the_name_that_it_gives_itself(name):
    assert read_sender(sender_header(name, 1_700_000_000_000)) == f"{name}:1700000000000"


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"kitchen",
        b":5",
        b"kitchen:",
        b"kitchen:5\n",
        b"-kitchen:5",
        b"kitchen:-5",
        b"kitchen:" + b"9" * 17,
        b"x" * 65 + b":5",
        "küche:5".encode(),
        "kitchen:\u0665".encode(),
        b"\xff\xfe:5",
        bytes(1_000_000),
    ],
)
def test_what_is_no_name_is_taken_as_no_header(header):
    assert read_sender(header) == UNNAMED


@pytest.mark.parametrize("sender", ["garage:100", "garage:900", UNNAMED])
def test_the_first_sender_has_the_id_for_as_long_as_it_sends(sender):
    assert is_other(HELD, sender, NINE + HOLD_MS, HOLD_MS)
    assert not is_other(HELD, sender, NINE + HOLD_MS + 1, HOLD_MS)


def test_a_sender_that_was_seen_later_than_now_has_no_id():
    assert not is_other(HELD, "garage:5", NINE - HOLD_MS - 1, HOLD_MS)


def test_without_a_named_sender_nobody_has_the_id():
    state = hold(SenderState(), UNNAMED, NINE, HOLD_MS)
    assert state == SenderState()
    assert not is_other(state, "garage:5", NINE, HOLD_MS)
    assert not is_other(state, UNNAMED, NINE, HOLD_MS)


def test_a_program_that_was_started_again_goes_on_at_once_and_the_former_one_does_not():
    again = "kitchen:101"
    assert not is_other(HELD, again, NINE + 1, HOLD_MS)
    state = hold(HELD, again, NINE + 1, HOLD_MS)
    assert state == SenderState(again, NINE + 1)
    assert is_other(state, HELD.sender, NINE + 2, HOLD_MS)


def test_times_that_come_in_another_order_shorten_nothing():
    assert hold(HELD, HELD.sender, NINE - 500, HOLD_MS) == HELD
    assert hold(HELD, HELD.sender, NINE + 500, HOLD_MS).seen_at == NINE + 500


def test_a_time_from_before_a_jump_of_the_clock_is_not_remembered():
    ahead = SenderState("kitchen:100", NINE + 86_400_000)
    assert hold(ahead, "kitchen:100", NINE, HOLD_MS).seen_at == NINE


def test_a_situation_is_one_event_however_many_frames_it_has():
    state, events = refuse(HELD, "gate", NINE, "why")
    assert events == [CameraEvent("gate", NINE, "second_sender", "why")]
    for n in range(1, 50):
        state, events = refuse(state, "gate", NINE + n * (SITUATION_MS - 1), "why")
        assert events == []
    _, events = refuse(state, "gate", state.refused_at + SITUATION_MS, "why")
    assert len(events) == 1
    _, events = refuse(state, "gate", state.refused_at - SITUATION_MS, "why")
    assert len(events) == 1


def test_the_detail_names_both():
    assert describe(HELD, "garage:5") == (
        "frames of sender garage are refused; sender kitchen was first"
    )
    assert describe(HELD, "kitchen:5") == (
        "frames of sender kitchen are refused: a program that was started later took over"
    )
    assert describe(SenderState(), UNNAMED) == (
        "frames of a sender without a name are refused: they lack the proof that is asked for"
    )
