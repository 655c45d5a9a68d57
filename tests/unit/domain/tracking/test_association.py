from msgspec.structs import replace

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.tracking.association import associate
from pycturestream.domain.tracking.kalman import initial_state

SQUARE = 1.0


def box(x, width=0.1):
    return BoundingBox(x, 0.4, x + width, 0.7)


def found(x, *, label="person", weak=False):
    return Detection(label, 0.45 if weak else 0.9, box(x), weak)


def pairs(tracks, detections, *, labels=None, confirmed=None):
    """Return the pairs for objects last seen at these places a fifth of a second ago."""
    kalmans = [initial_state(box(x)).after(0.2) for x in tracks]
    labels = labels or ["person"] * len(tracks)
    return associate(kalmans, labels, confirmed or [True] * len(tracks), detections, SQUARE)


def test_each_goes_to_the_nearest():
    assert pairs([0.1, 0.5], [found(0.52), found(0.12)]) == {0: 1, 1: 0}


def test_the_best_sum_counts_and_not_the_best_pair():
    assert pairs([0.10, 0.16], [found(0.14), found(0.22)]) == {0: 0, 1: 1}


def test_a_detection_far_from_all_tracks_belongs_to_none():
    assert pairs([0.1], [found(0.6)]) == {}


def test_confirmed_tracks_come_first():
    assert pairs([0.20, 0.22], [found(0.2)], confirmed=[False, True]) == {0: 1}


def test_a_strong_detection_comes_before_a_weak_one_that_is_nearer():
    assert pairs([0.2], [found(0.2, weak=True), found(0.23)]) == {1: 0}


def test_a_weak_detection_must_be_where_the_object_was_expected():
    assert pairs([0.2], [found(0.21, weak=True)]) == {0: 0}
    assert pairs([0.2], [found(0.26, weak=True)]) == {}
    assert pairs([0.2], [found(0.26)]) == {0: 0}


def test_another_label_is_taken_only_in_the_same_place_and_last():
    car = replace(found(0.2), label="car")
    assert pairs([0.2], [car]) == {0: 0}
    assert pairs([0.2], [replace(car, box=box(0.3))]) == {}
    assert pairs([0.2], [car, found(0.23)]) == {1: 0}
    assert pairs([0.2], [replace(car, weak=True)]) == {}


def test_the_shape_of_the_picture_does_not_change_the_pairs():
    kalman = initial_state(BoundingBox(0.1, 0.4, 0.2, 0.5)).after(0.2)
    for aspect in (0.5, 1.0, 4.0):
        wide = Detection("car", 0.9, BoundingBox(0.12, 0.4, 0.22, 0.5))
        assert associate([kalman], ["car"], [True], [wide], aspect) == {0: 0}


def test_no_tracks_or_no_detections_are_no_error():
    assert pairs([], [found(0.2)]) == {}
    assert pairs([0.2], []) == {}
