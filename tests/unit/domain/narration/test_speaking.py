"""Which sentence is spoken next, by a hand clock."""

import pytest
from hypothesis import given, strategies

from pycturestream.domain.narration.sentence import SPOKEN_WITHIN_MS, Group
from pycturestream.domain.narration.speaking import (
    CAN_WAIT,
    CANNOT_WAIT,
    Speaking,
    Turn,
    Utterance,
    advance,
    offer,
    urgency_of,
)

DANGER = CANNOT_WAIT + 3


def said(text, urgency=CAN_WAIT, at=0):
    return Utterance(text, "en", "", at, urgency)


def test_a_sentence_is_spoken_at_once_where_there_is_silence():
    state, replaced = offer(Speaking(), said("a dog"))
    assert replaced is None
    assert advance(state, 0, is_over=True) == Turn(Speaking(said("a dog")), begun=said("a dog"))


def test_a_description_waits_for_the_end_of_the_sentence_before():
    state, _ = offer(Speaking(said("a cat")), said("a dog"))
    assert advance(state, 0, is_over=False) == Turn(state)
    assert advance(state, 0, is_over=True).begun == said("a dog")


def test_a_newer_sentence_replaces_the_one_that_waits():
    state = Speaking(said("a cat"), said("a dog"))
    assert offer(state, said("a cow")) == (Speaking(said("a cat"), said("a cow")), said("a dog"))


@pytest.mark.parametrize("urgency", [CANNOT_WAIT, DANGER])
def test_what_cannot_wait_interrupts_a_description(urgency):
    state, _ = offer(Speaking(said("a cat")), said("a car", urgency))
    assert advance(state, 0, is_over=False).begun == said("a car", urgency)


def test_a_new_danger_interrupts_one_that_is_no_worse():
    state = Speaking(said("a car", DANGER), said("a bus", DANGER))
    assert advance(state, 0, is_over=False).begun == said("a bus", DANGER)


def test_a_worse_danger_is_not_interrupted():
    state = Speaking(said("a car", DANGER), said("a bus", DANGER - 1))
    assert advance(state, 0, is_over=False) == Turn(state)


def test_a_danger_that_waits_is_not_replaced_by_a_description():
    state = Speaking(said("a car", DANGER), said("a bus", DANGER - 1))
    assert offer(state, said("a dog")) == (state, said("a dog"))


def test_what_is_too_old_when_its_turn_comes_is_dropped():
    state = Speaking(None, said("a dog", at=0))
    assert advance(state, SPOKEN_WITHIN_MS, is_over=True).begun == said("a dog")
    late = advance(state, SPOKEN_WITHIN_MS + 1, is_over=True)
    assert late == Turn(Speaking(), outdated=said("a dog"))


def test_what_is_too_old_interrupts_nothing():
    state = Speaking(said("a cat"), said("a car", DANGER))
    late = advance(state, SPOKEN_WITHIN_MS + 1, is_over=False)
    assert late == Turn(Speaking(said("a cat")), outdated=said("a car", DANGER))


def test_the_limit_can_be_another():
    state = Speaking(None, said("a dog"))
    assert advance(state, 600, is_over=True, limit_ms=500).outdated == said("a dog")


def test_silence_after_the_last_sentence():
    assert advance(Speaking(said("a cat")), 0, is_over=True) == Turn(Speaking())


def test_urgency_goes_by_danger_and_by_what_approaches():
    standing = Group(1, "car", "left")
    coming = Group(1, "car", "left", motion="approaching")
    urgencies = [
        urgency_of(0, [standing]),
        urgency_of(0, [standing, coming]),
        *(urgency_of(level, [standing]) for level in (1, 2, 3)),
    ]
    assert urgencies == sorted(set(urgencies))


EVENTS = strategies.lists(
    strategies.tuples(
        strategies.integers(0, 3_000),  # milliseconds since the event before
        strategies.integers(CAN_WAIT, DANGER),
        strategies.integers(0, 2_500),  # the age of the picture
        strategies.booleans(),  # whether what is spoken has ended
    ),
    max_size=30,
)


@given(events=EVENTS)
def test_each_sentence_has_one_fate_and_none_is_late(events):
    state, now, offered, fates = Speaking(), 0, [], []
    for number, (pause, urgency, age, is_over) in enumerate(events):
        now += pause
        new = said(str(number), urgency, now - age)
        offered.append(new)
        state, replaced = offer(state, new)
        fates += [replaced] * (replaced is not None)
        turn = advance(state, now, is_over=is_over)
        if turn.begun:
            assert now - turn.begun.captured_at <= SPOKEN_WITHIN_MS
            if state.spoken and not is_over:
                assert turn.begun.urgency >= max(state.spoken.urgency, CANNOT_WAIT)
        state = turn.state
        fates += [fate for fate in (turn.begun, turn.outdated) if fate]
    assert sorted([*fates, *filter(None, [state.waiting])], key=offered.index) == offered
