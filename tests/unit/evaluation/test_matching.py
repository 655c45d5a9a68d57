import pytest

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.labelled_pictures import LabelledBox
from pycturestream.evaluation.matching import match

LEFT = BoundingBox(0.1, 0.2, 0.2, 0.6)
NEAR_LEFT = BoundingBox(0.1, 0.2, 0.2, 0.5)
RIGHT = BoundingBox(0.7, 0.2, 0.8, 0.6)
WIDE = BoundingBox(0.0, 0.1, 1.0, 0.7)


def grades(result):
    return [grade for _, grade in result.detections]


def test_a_detection_is_right_where_it_overlaps_an_object_of_its_label_by_half():
    boxes = [LabelledBox("dog", LEFT), LabelledBox("dog", RIGHT)]

    result = match([Detection("dog", 0.9, NEAR_LEFT), Detection("cat", 0.8, RIGHT)], boxes)

    assert grades(result) == ["right", "false"]
    assert result.missed == (LabelledBox("dog", RIGHT),)
    assert (result.right, result.false, result.errors) == (1, 1, 2)


def test_an_object_is_detected_once_by_the_surest():
    twice = [Detection("dog", 0.5, LEFT), Detection("dog", 0.9, NEAR_LEFT)]

    result = match(twice, [LabelledBox("dog", LEFT)])

    assert [(d.score, grade) for d, grade in result.detections] == [(0.9, "right"), (0.5, "false")]
    assert result.missed == ()


def test_of_several_objects_the_one_that_overlaps_most_is_taken():
    boxes = [LabelledBox("dog", NEAR_LEFT), LabelledBox("dog", LEFT)]

    result = match([Detection("dog", 0.9, LEFT)], boxes)

    assert result.missed == (LabelledBox("dog", NEAR_LEFT),)


def test_a_crowd_excuses_any_number_and_is_never_missed():
    crowd = LabelledBox("dog", WIDE, counts=False)
    several = [Detection("dog", 0.9, LEFT), Detection("dog", 0.8, RIGHT)]

    result = match([*several, Detection("cat", 0.7, RIGHT)], [crowd])

    assert grades(result) == ["excused", "excused", "false"]
    assert result.missed == ()


@pytest.mark.parametrize("found", [[], [Detection("dog", 0.9, LEFT)]])
def test_what_counts_goes_before_a_crowd(found):
    boxes = [LabelledBox("dog", WIDE, counts=False), LabelledBox("dog", LEFT)]

    result = match(found, boxes)

    assert result.right == len(found)
    assert len(result.missed) == 1 - len(found)
