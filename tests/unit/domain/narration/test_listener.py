"""What one listener hears: by mode, by question, and how urgent it is."""

import pytest

from pycturestream.domain.narration.listener import (
    Listener,
    answered,
    choose,
    hears,
    led,
    urgency,
)
from pycturestream.domain.narration.sentence import Group, Sentence
from pycturestream.domain.tracking.scene import NarratedObject
from tests.builders import NOON

PEOPLE = Group(count=2, label="person", place="left")
CAR = Group(count=1, label="car", place="right", motion="approaching")
ALERT = Group(count=1, label="person", place="center", danger=2)
ALL = Sentence("groups", (ALERT, CAR, PEOPLE))


def thing(label, x=0.1, number=0):
    return NarratedObject(
        label=label,
        track_id=f"{label}#{number}",
        confirmed=True,
        sector="middle left" if x < 1 / 3 else "middle center",
        seen_before=True,
        center=(x, 0.5),
        certainty=0.9,
        approaching=False,
    )


@pytest.mark.parametrize(
    ("mode", "said", "heard"),
    [
        ("change", ALL, ALL),
        ("quiet", ALL, Sentence("groups", (ALERT, CAR))),
        ("find", ALL, Sentence("groups", (ALERT, CAR))),
        ("quiet", Sentence("groups", (PEOPLE,)), None),
        ("change", Sentence("nothing"), Sentence("nothing")),
        ("quiet", Sentence("dark"), Sentence("dark")),
        ("quiet", Sentence("nothing"), None),
        ("find", Sentence("dark"), Sentence("dark")),
        ("find", Sentence("nothing"), None),
    ],
)
def test_by_mode_everything_or_only_danger_and_blindness_is_heard(mode, said, heard):
    assert hears(Listener(mode=mode), said) == heard


def test_what_approaches_is_urgent_and_an_alert_by_its_level():
    assert urgency(Sentence("groups", (PEOPLE,))) == 0
    assert urgency(Sentence("groups", (CAR, PEOPLE))) == 1
    assert urgency(ALL) == 2
    assert urgency(Sentence("nothing")) == 0


def test_who_looks_for_nothing_is_not_led():
    for listener in (Listener(find="chair"), Listener(mode="find")):
        assert led(listener, [thing("chair")], NOON) == (listener, None)


def test_who_looks_for_something_is_led_to_it_and_begins_anew_with_another_thing():
    listener = choose(Listener(), mode="find", find="chair")
    listener, said = led(listener, [thing("person"), thing("chair")], NOON)
    assert [group.label for group in said.groups] == ["chair"]
    assert led(listener, [thing("chair")], NOON + 100)[1] is None
    listener = choose(listener, find="person")
    assert led(listener, [thing("person")], NOON + 200)[1] is not None


def test_other_choices_do_not_begin_anew():
    listener, _ = led(Listener(mode="find", find="chair"), [thing("chair")], NOON)
    assert choose(listener, language="de", find="chair").found == listener.found


def test_a_question_is_answered_in_any_mode():
    in_view = [thing("chair"), thing("chair", 0.5, 1), thing("person")]
    short = Listener(verbosity="short", mode="find", find="dog")
    assert len(answered(short, "now", in_view).groups) < len(answered(short, "all", in_view).groups)
    assert answered(short, "now", []) == Sentence("nothing")


@pytest.mark.parametrize("question", ["now", "all"])
def test_a_picture_that_shows_nothing_is_not_an_empty_view(question):
    assert answered(Listener(), question, [], "dark") == Sentence("dark")
    assert answered(Listener(), question, [thing("chair")], "dark").kind == "groups"
