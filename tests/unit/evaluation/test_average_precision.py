"""Curves so small that the area under them can be worked out by hand."""

import pytest

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.average_precision import average_precision
from pycturestream.evaluation.labelled_pictures import LabelledBox, LabelledPicture

SIZE = Size(1000, 500)


def square(left, side=0.02):
    """A square of `side` of the picture's width: 20 pixels by default."""
    return BoundingBox(left, 0.1, left + side, 0.1 + 2 * side)


def picture(*boxes):
    return LabelledPicture("picture", SIZE, boxes)


def dogs(*places):
    return [LabelledBox("dog", square(place)) for place in places]


def test_perfect_detections_have_1_in_every_figure():
    boxes = (
        LabelledBox("dog", square(0.1)),
        LabelledBox("dog", square(0.2, side=0.05)),
        LabelledBox("cat", square(0.5, side=0.2)),
    )
    found = [Detection(box.label, 0.9, box.box) for box in boxes]

    result = average_precision([picture(*boxes)], [found])

    assert result.ap50 == pytest.approx(1)
    assert result.ap == pytest.approx(1)
    assert result.by_size == pytest.approx({"small": 1, "medium": 1, "large": 1})
    assert result.by_label == pytest.approx({"cat": 1, "dog": 1})


def test_no_detection_has_0():
    result = average_precision([picture(*dogs(0.1, 0.5))], [[]])

    assert (result.ap50, result.ap) == (0, 0)
    assert result.by_size == {"small": 0, "medium": None, "large": None}


def test_detections_of_something_else_have_0():
    found = [Detection("cat", 0.9, square(0.1)), Detection("dog", 0.9, square(0.8))]

    assert average_precision([picture(*dogs(0.1))], [found]).ap50 == 0


def test_the_area_under_the_curve_is_coco_s():
    # right, false, right, false; a third dog is missed: precision is 1 up to a third of the
    # recall, 2/3 up to two thirds, then 0. COCO reads it at 101 places: 34, 33 and 34 of them.
    found = [
        Detection("dog", 0.9, square(0.1)),
        Detection("dog", 0.8, square(0.7)),
        Detection("dog", 0.7, square(0.3)),
        Detection("dog", 0.6, square(0.9)),
    ]

    result = average_precision([picture(*dogs(0.1, 0.3, 0.5))], [found])

    assert result.ap50 == pytest.approx((34 * 1 + 33 * 2 / 3) / 101)


def test_a_box_that_is_a_little_off_counts_at_half_an_overlap_only():
    # 20 of 25 pixels of width are shared: an overlap of .8, enough for 7 of the 10 thresholds.
    off = BoundingBox(0.1, 0.1, 0.125, 0.14)

    result = average_precision([picture(*dogs(0.1))], [[Detection("dog", 0.9, off)]])

    assert result.ap50 == pytest.approx(1)
    assert result.ap == pytest.approx(0.7, abs=0.11)
    assert result.ap < 1


def test_a_crowd_excuses_detections_in_it():
    crowd = LabelledBox("dog", BoundingBox(0.4, 0, 1, 1), counts=False)
    found = [Detection("dog", 0.9, square(0.5)), Detection("dog", 0.8, square(0.1))]

    assert average_precision([picture(*dogs(0.1), crowd)], [found]).ap50 == pytest.approx(1)


def test_pictures_are_kept_apart():
    found = [[Detection("dog", 0.9, square(0.5))], [Detection("dog", 0.9, square(0.1))]]

    pictures = [picture(*dogs(0.1)), picture(*dogs(0.5))]

    assert average_precision(pictures, found).ap50 == 0
