"""Both trackers are asked in the same way."""

import pytest

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.byte_track import ByteTrack
from pycturestream.evaluation.tracker import OwnTracker

START = 1_795_251_600_000
STEP_MS = 143
"""Seven frames a second."""


def walker(frame, label="person", y=0.3):
    x = 0.1 + 0.01 * frame
    return Detection(label, 0.9, BoundingBox(x, y, x + 0.05, y + 0.3))


@pytest.fixture(params=["own", "ByteTrack"])
def tracker(request):
    own = request.param == "own"
    return OwnTracker("person", 4 / 3) if own else ByteTrack("person", Size(768, 576), 7.0)


def test_a_walker_keeps_one_identity_and_the_box_of_the_detection(tracker):
    alerted = [tracker.follow([walker(f)], START + f * STEP_MS) for f in range(10)]

    late = [sighting for sightings in alerted[5:] for sighting in sightings]
    assert len(late) == 5
    assert len({sighting.identity for sighting in late}) == 1
    for frame, sighting in enumerate(late, start=5):
        assert sighting.box.iou(walker(frame).box) == pytest.approx(1)


def test_a_single_sighting_is_not_returned(tracker):
    alerted = [tracker.follow([walker(0)], START), tracker.follow([], START + STEP_MS)]

    assert alerted == [[], []]


def test_other_labels_are_not_returned(tracker):
    for frame in range(10):
        things = [walker(frame), walker(frame, "car", y=0.65)]
        alerted = tracker.follow(things, START + frame * STEP_MS)

    assert [sighting.box.y_min for sighting in alerted] == [pytest.approx(0.3)]


def test_empty_frames_are_handled(tracker):
    assert [tracker.follow([], START + f * STEP_MS) for f in range(3)] == [[], [], []]
