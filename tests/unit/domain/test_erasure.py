from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.erasure import NO_ERASURES, Erasure, Erasures
from pycturestream.domain.times import DAY_MS
from tests.builders import MINUTE, NOON
from tests.erasures import erasure

CAMERAS = st.sampled_from(["gate", "yard"])
MOMENTS = st.integers(0, 60)


@st.composite
def erasures(draw):
    begin = draw(MOMENTS)
    return Erasure(draw(CAMERAS), begin, begin + draw(st.integers(1, 10)), 100)


@given(st.lists(erasures(), max_size=12), CAMERAS, MOMENTS, st.integers(0, 20))
def test_merged_spans_answer_as_a_plain_search_of_all_erasures_does(asked, camera, first, length):
    moments = range(first, first + length + 1)
    plain = any(
        one.camera_id == camera and one.since <= at < one.until for one in asked for at in moments
    )

    merged = Erasures.of(asked)

    assert merged.touches(camera, first, moments[-1]) == plain
    assert merged.covers(camera, first) == any(
        one.camera_id == camera and one.since <= first < one.until for one in asked
    )


@given(st.lists(erasures(), max_size=12))
def test_spans_are_in_order_with_gaps_between_them(asked):
    for spans in Erasures.of(asked).spans.values():
        assert all(since < until for since, until in spans)
        assert all(until < since for (_, until), (since, _) in pairwise(spans))


def test_the_end_is_not_erased_and_other_cameras_are_not():
    asked = Erasures.of([erasure("gate", NOON, NOON + MINUTE)])

    assert [asked.covers("gate", at) for at in (NOON - 1, NOON, NOON + MINUTE - 1)] == [
        False,
        True,
        True,
    ]
    assert not asked.covers("gate", NOON + MINUTE)
    assert not asked.covers("yard", NOON)
    assert not NO_ERASURES.covers("gate", NOON)


def test_what_goes_on_across_an_erased_time_is_touched():
    asked = Erasures.of([erasure("gate", NOON, NOON + MINUTE)])

    assert asked.touches("gate", NOON - MINUTE, NOON + 5 * MINUTE)
    assert not asked.touches("gate", NOON - MINUTE, NOON - 1)


def test_each_erasure_has_a_key_of_its_own_and_the_same_one_when_asked_again():
    first, again = erasure(asked_at=NOON + DAY_MS), erasure(asked_at=NOON + 2 * DAY_MS)

    assert first.key == again.key == "gate:20261121T120000000Z:20261121T120100000Z"
    assert erasure(until=NOON + 2 * MINUTE).key != first.key


def test_it_is_needed_as_long_as_a_log_may_bring_back_what_it_covers():
    assert erasure(asked_at=NOON).needed_until(30 * DAY_MS) == NOON + 60 * DAY_MS
