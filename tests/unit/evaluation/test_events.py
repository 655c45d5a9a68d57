from math import isnan

import pytest

from pycturestream.domain.cameras.camera import Camera, Line, Zone
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.events import Agreement, Event, agree, emitted_events, read_events
from pycturestream.evaluation.ground_truth import GroundTruthError

HEAD = "frame,event,place,direction,person,counts\n"
START = 1_795_251_600_000


@pytest.fixture
def events_file(tmp_path):
    def write(text):
        path = tmp_path / "events.csv"
        path.write_text(text)
        return path

    return write


def test_frames_begin_at_zero_and_a_crossing_is_its_direction(events_file):
    path = events_file(f"{HEAD}5,entered,door,,1,1\n9,crossed,gate,out,2,0\n")

    assert read_events(path) == (
        Event(4, "entered", "door"),
        Event(8, "out", "gate", counts=False),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("5,entered,door,,1", "5 fields, expected 6"),
        ("0,entered,door,,1,1", "expected a number from 1"),
        ("-5,entered,door,,1,1", "expected a number from 1"),
        ("5,entered,door,in,1,1", "a direction belongs to a crossing"),
        ("5,crossed,gate,,1,1", "a direction belongs to a crossing"),
        ("5,crossed,gate,entered,1,1", "a direction is in or out"),
        ("5,in,gate,,1,1", "event 'in'"),
        ("5,vanished,door,,1,1", "event 'vanished'"),
        ("5,entered,door,,1,yes", "expected 0 or 1"),
    ],
)
def test_a_mistake_is_reported_with_its_line(events_file, line, message):
    with pytest.raises(GroundTruthError, match=rf"events\.csv:3: .*{message}"):
        read_events(events_file(f"{HEAD}5,entered,door,,1,1\n{line}\n"))


@pytest.mark.parametrize("text", ["", "5,entered,door,,1,1\n"])
def test_a_file_without_its_columns_is_a_mistake(events_file, text):
    with pytest.raises(GroundTruthError, match=r"events\.csv:1: expected the columns"):
        read_events(events_file(text))


def test_a_file_that_is_no_text_is_a_mistake(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(GroundTruthError, match="can't be read"):
        read_events(path)


def test_an_emitted_event_near_enough_is_right():
    seen = [Event(10, "entered", "door"), Event(50, "in", "gate")]

    assert agree(seen, [Event(13, "entered", "door"), Event(47, "in", "gate")], 3) == Agreement(
        right=2, missed=0, false=0
    )


@pytest.mark.parametrize(
    "alerted",
    [Event(14, "entered", "door"), Event(10, "left", "door"), Event(10, "entered", "lawn")],
)
def test_an_event_too_late_or_of_another_kind_or_place_is_false(alerted):
    assert agree([Event(10, "entered", "door")], [alerted], 3) == Agreement(
        right=0, missed=1, false=1
    )


def test_the_same_is_right_only_once():
    alerted = [Event(10, "entered", "door"), Event(11, "entered", "door")]

    agreement = agree([Event(10, "entered", "door")], alerted, 3)

    assert agreement == Agreement(right=1, missed=0, false=1)
    assert agreement.f1 == pytest.approx(2 / 3)


def test_as_many_as_possible_are_paired():
    seen = [Event(10, "in", "gate"), Event(13, "in", "gate")]
    alerted = [Event(13, "in", "gate"), Event(16, "in", "gate")]

    # 13 with 13 alone would be nearest.
    assert agree(seen, alerted, 3) == Agreement(right=2, missed=0, false=0)


def test_what_is_uncertain_is_neither_missed_nor_false():
    seen = [Event(10, "in", "gate", counts=False), Event(90, "in", "gate", counts=False)]

    assert agree(seen, [Event(11, "in", "gate")], 3) == Agreement(right=0, missed=0, false=0)


def test_uncertain_events_take_no_pair_from_certain_ones():
    seen = [Event(10, "in", "gate", counts=False), Event(12, "in", "gate")]

    assert agree(seen, [Event(10, "in", "gate")], 3) == Agreement(right=1, missed=0, false=0)


def test_without_any_event_there_is_no_f1():
    assert isnan(agree([], [], 3).f1)


def test_a_walker_gives_events_at_zone_and_line():
    camera = Camera(
        "gate",
        zones=(Zone("right-half", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))),),
        lines=(Line("middle", (0.5, 1.0), (0.5, 0.0)),),
    )
    walk = {f: [Detection("person", 0.9, _box(0.2 + 0.02 * f))] for f in range(30)}
    times = {f: START + 143 * f for f in walk}

    alerted = emitted_events(walk, camera, "person", times, 4 / 3)

    assert {(event.kind, event.place) for event in alerted} == {
        ("entered", "right-half"),
        ("in", "middle"),
    }
    for event in alerted:
        assert abs(event.frame - 15) <= 3
    assert emitted_events(walk, camera, "car", times, 4 / 3) == []


def _box(x):
    return BoundingBox(x - 0.03, 0.3, x + 0.03, 0.7)
