"""Alerts held against the situations that people saw."""

import pytest

from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import settings
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.ground_truth import GroundTruthError
from pycturestream.evaluation.situations import (
    AlertSpan,
    LabeledSituation,
    agree,
    expected_alerts,
    read_situations,
)
from tests.builders import NOON

HEADER = "camera,rule,first,last,counts,what\n"


def span(begin_s, end_s, rule="person", *, counts=True):
    return AlertSpan(rule, 1000 * begin_s, 1000 * end_s, counts)


def score(seen, alerted):
    [found] = agree("gate", ["person"], seen, alerted)
    return found


def test_a_situation_with_an_alert_in_it_is_alerted():
    found = score([span(100, 200)], [span(101, 190)])

    assert (found.situations, found.alerted, found.repeated, found.false) == (1, 1, 0, 0)
    assert found.delays_ms == (1000,)


def test_without_an_alert_a_situation_is_missed():
    found = score([span(100, 200)], [])

    assert (found.situations, found.alerted, found.delays_ms) == (1, 0, ())


def test_an_alert_without_a_situation_is_false():
    found = score([span(100, 200)], [span(300, 310), span(101, 105)])

    assert (found.alerted, found.false) == (1, 1)


def test_a_second_alert_of_a_situation_repeats_it():
    found = score([span(100, 200)], [span(101, 120), span(140, 200), span(210, 220)])

    assert (found.alerted, found.repeated, found.false) == (1, 1, 1)
    assert found.delays_ms == (1000,)


def test_an_open_alert_covers_the_next_situation_at_once():
    found = score([span(100, 110), span(115, 130)], [span(101, 130)])

    assert (found.situations, found.alerted, found.repeated, found.false) == (2, 2, 0, 0)
    assert found.delays_ms == (1000, 0)


def test_a_situation_that_does_not_count_may_have_an_alert_or_none():
    unclear = [span(100, 200, counts=False)]

    for alerted in ([], [span(150, 160)]):
        found = score(unclear, alerted)
        assert (found.situations, found.alerted, found.false) == (0, 0, 0)


def test_within_two_seconds_an_alert_is_no_other_situation():
    assert score([span(100, 200)], [span(98, 99)]).false == 0
    assert score([span(100, 200)], [span(96, 97)]).false == 1
    assert score([span(100, 200)], [span(202, 203)]).false == 0
    assert score([span(100, 200)], [span(203, 204)]).false == 1


def test_each_alert_belongs_to_one_situation():
    crossings = [span(100, 100), span(103, 103)]

    one = score(crossings, [span(101, 101)])
    assert (one.alerted, one.repeated, one.false, one.delays_ms) == (1, 0, 0, (1000,))
    both = score(crossings, [span(101, 101), span(104, 104)])
    assert (both.alerted, both.repeated, both.false, both.delays_ms) == (2, 0, 0, (1000, 1000))


def test_an_alert_that_ended_before_covers_nothing():
    found = score([span(100, 120), span(130, 140)], [span(101, 128.5)])

    assert (found.alerted, found.repeated, found.false) == (1, 0, 0)


def test_rules_do_not_answer_for_each_other():
    [person, car] = agree("gate", ["person", "car"], [span(1, 9)], [span(1, 9, "car")])

    assert (person.situations, person.alerted, person.false) == (1, 0, 0)
    assert (car.situations, car.false) == (0, 1)


def judged(frames, **rule):
    """Return the alerts of two pictures a second in which one person stands in some."""
    person = Detection("person", 0.8, BoundingBox(0.4, 0.2, 0.5, 0.6))
    camera = Camera("gate", rules=(Rule("person", labels=("person",), **rule),), warm_up_ms=0)
    return expected_alerts(
        {frame: [person] if frame in frames else [] for frame in range(200)},
        camera,
        Size(640, 360),
        {frame: NOON + 500 * frame for frame in range(200)},
        pipeline_limits(settings(), "replay"),
    )


def test_alerts_are_those_of_the_detection_job():
    [alert] = judged(range(20, 60))

    assert alert.rule == "person"
    # In the third picture, and over with the last one.
    assert (alert.begin, alert.end) == (NOON + 500 * 22, NOON + 500 * 59)


def test_an_alert_that_is_open_at_the_end_lasts_until_then():
    [alert] = judged(range(150, 200))

    assert alert.end == NOON + 500 * 199


def test_situations_are_read(tmp_path):
    file = tmp_path / "situations.csv"
    file.write_text(f'{HEADER}gate,person,3,9,1,"a man, black"\ngate,person,20,20,0,\n')

    assert read_situations(file) == (
        LabeledSituation("gate", "person", 2, 8),
        LabeledSituation("gate", "person", 19, 19, counts=False),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gate,person,3,9,1", "5 fields, expected 6"),
        ("gate,person,0,9,1,x", "frame '0': expected a number from 1"),
        ("gate,person,3,-9,1,x", "frame '-9': expected a number from 1"),
        ("gate,person,9,3,1,x", "the last frame 3 is before the first one 9"),
        ("gate,person,3,9,yes,x", "counts 'yes': expected 0 or 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, line, said):
    file = tmp_path / "situations.csv"
    file.write_text(f"{HEADER}gate,person,1,2,1,\n{line}\n")

    with pytest.raises(GroundTruthError, match=r"situations\.csv:3: ") as caught:
        read_situations(file)

    assert said in str(caught.value)


def test_a_file_that_can_not_be_read_is_reported(tmp_path):
    file = tmp_path / "situations.csv"
    file.write_text("frame,event\n")

    with pytest.raises(
        GroundTruthError, match=r"situations.csv:1: expected the columns camera,rule"
    ):
        read_situations(file)
    with pytest.raises(GroundTruthError, match="can't be read"):
        read_situations(tmp_path / "none.csv")
