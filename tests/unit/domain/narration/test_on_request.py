import pytest

from pycturestream.domain.narration.on_request import answer, describe
from pycturestream.domain.narration.sentence import WORD_LIMITS, may_be_spoken
from pycturestream.domain.narration.wording import in_words
from tests.scenes import NINE
from tests.unit.domain.narration.objects import thing

ROOM = [
    thing("chair", 0.1, 0.1),
    thing("chair", 0.1, 0.5),
    thing("dining table", 0.5, 0.9),
    thing("person", 0.9, 0.5, approaching=True),
    thing("tv", 0.5, 0.1, certainty=0.4),
]


def test_an_answer_tells_what_matters_most():
    assert in_words(answer(ROOM), "en") == (
        "A person, coming closer, on the right. Two chairs on the left."
    )


@pytest.mark.parametrize("verbosity", WORD_LIMITS)
def test_an_answer_is_as_long_as_the_listener_likes(verbosity):
    said = answer(ROOM, verbosity=verbosity)
    assert len(said.groups) == {"short": 1, "normal": 2, "full": 3}[verbosity]


def test_an_answer_is_about_what_matters():
    assert in_words(answer(ROOM, labels=["tv"]), "en") == "Perhaps a TV at the top center."


def test_an_answer_does_not_wait_for_a_second_picture():
    assert in_words(answer([thing(seen_before=False)]), "en") == "A person in the center."


def test_a_full_description_tells_everything_in_each_sector():
    assert in_words(describe(ROOM), "en") == (
        "A person, coming closer, on the right. A chair on the left, a chair at the top left, "
        "a table at the bottom center and perhaps a TV at the top center."
    )


@pytest.mark.parametrize("ask", [answer, describe])
@pytest.mark.parametrize(
    ("fault", "text"), [("", "Nothing in view."), ("dark", "It is too dark to see.")]
)
def test_an_empty_view_is_an_answer_too(ask, fault, text):
    assert in_words(ask([], fault=fault), "en") == text


@pytest.mark.parametrize(
    ("age_ms", "timely"), [(0, True), (2_000, True), (2_001, False), (-500, True)]
)
def test_a_sentence_about_an_old_picture_is_not_spoken(age_ms, timely):
    assert may_be_spoken(NINE, NINE + age_ms) is timely


def test_how_old_it_may_be_is_a_setting():
    assert may_be_spoken(NINE, NINE + 4_000, limit_ms=5_000)
