"""The labels that ship with the samples keep to what their README promises."""

import csv

import pytest

from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.geometry import contains
from pycturestream.evaluation.clip import describe
from pycturestream.evaluation.ground_truth import read_truth, span

SAMPLES = PROJECT_FOLDER / "samples"
LABELS = SAMPLES / "labels"
PRECISION = 3
"""Frames by which the frame of an event may be off."""


def table(name):
    with (LABELS / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def cameras():
    return {
        entry.camera.camera_id: entry.camera for entry in read_camera_file(SAMPLES / "cameras.yaml")
    }


@pytest.fixture(scope="module")
def plaza():
    return read_truth(LABELS / "plaza.txt", describe(SAMPLES / "plaza.mp4").size)


def test_plaza_has_a_box_for_everybody_in_each_frame(plaza):
    assert list(plaza) == list(span(plaza)) == list(range(240, 361))
    assert sum(map(len, plaza.values())) == 994
    assert {box.person for boxes in plaza.values() for box in boxes} == set(range(1, 10))


def test_nobody_on_the_plaza_leaps(plaza):
    for frame in span(plaza)[1:]:
        before = {box.person: box.box.center for box in plaza[frame - 1]}
        for box in plaza[frame]:
            if box.person in before:
                (x, y), (old_x, old_y) = box.box.center, before[box.person]
                assert abs(x - old_x) < 0.04, (frame, box.person)
                assert abs(y - old_y) < 0.04, (frame, box.person)


@pytest.mark.parametrize("clip", ["plaza", "gate"])
def test_events_are_at_places_that_the_camera_has(clip, cameras):
    frames = describe(SAMPLES / f"{clip}.mp4").frames
    zones = {zone.name for zone in cameras[clip].zones}
    lines = {line.name for line in cameras[clip].lines}
    for event in table(f"{clip}-events.csv"):
        assert 1 <= int(event["frame"]) <= frames
        if event["event"] == "crossed":
            assert event["place"] in lines
            assert event["direction"] in {"in", "out"}
        else:
            assert event["event"] in {"entered", "left"}
            assert event["place"] in zones
            assert event["direction"] == ""


@pytest.mark.parametrize("clip", ["plaza", "gate"])
def test_nobody_enters_a_zone_twice_without_leaving_it(clip):
    last = {}
    for event in table(f"{clip}-events.csv"):
        if event["event"] != "crossed":
            key = event["person"], event["place"]
            assert last.get(key) != event["event"], event
            last[key] = event["event"]


def within(plaza, *, crossed):
    """Return the sure events of the plaza around which it has boxes, and the bottom centers."""
    for event in table("plaza-events.csv"):
        frame, person = int(event["frame"]) - 1, int(event["person"])
        around = (frame - PRECISION, frame + PRECISION)
        if (event["event"] == "crossed") != crossed or event["counts"] == "0":
            continue
        if all(at in span(plaza) for at in around):
            yield (
                event,
                *(
                    box.box.bottom_center
                    for at in around
                    for box in plaza[at]
                    if box.person == person
                ),
            )


def test_zone_events_of_the_plaza_agree_with_its_boxes(plaza, cameras):
    zones = {zone.name: zone.polygon for zone in cameras["plaza"].zones}
    events = list(within(plaza, crossed=False))

    assert len(events) == 3
    for event, before, after in events:
        zone = zones[event["place"]]
        inside = (contains(zone, before), contains(zone, after))
        assert inside == ((False, True) if event["event"] == "entered" else (True, False)), event


def test_crossings_of_the_plaza_agree_with_its_boxes(plaza, cameras):
    [line] = cameras["plaza"].lines
    west = line.start[0]
    assert line.end[0] == west  # an upright one, from the bottom up: its right is that of the eye
    assert line.start[1] > line.end[1]
    events = list(within(plaza, crossed=True))

    assert len(events) == 6
    for event, (x_before, _), (x_after, _) in events:
        rightward = (x_before < west, x_after < west)
        assert rightward == ((True, False) if event["direction"] == "in" else (False, True)), event


def test_the_first_minute_counts_whom_the_other_files_name():
    counts = {(row["clip"], row["label"]): row for row in table("first-minute.csv")}

    for clip in ("plaza", "gate"):
        named = {event["person"] for event in table(f"{clip}-events.csv")}
        assert len(named) <= int(counts[clip, "person"]["different"])
    for row in counts.values():
        assert int(row["most_at_once"]) <= int(row["different"]) <= int(row["appearances"])
