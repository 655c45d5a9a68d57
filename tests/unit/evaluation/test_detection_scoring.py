import pytest

from pycturestream.detector.registry import load_model
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.detection_scoring import (
    best_threshold,
    calibration,
    matched,
    quality,
)
from pycturestream.evaluation.labelled_pictures import LabelledBox, LabelledPicture

PLACES = [BoundingBox(n / 10, 0.1, n / 10 + 0.05, 0.3) for n in range(10)]


@pytest.fixture(scope="module")
def model():
    return load_model("nanodet").model_copy(update={"threshold": 0.5, "thresholds": {"cat": 0.7}})


def picture(*places, label="dog"):
    boxes = tuple(LabelledBox(label, PLACES[place]) for place in places)
    return LabelledPicture("picture", Size(400, 300), boxes)


def dog(score, place):
    return Detection("dog", score, PLACES[place])


def test_quality_is_what_reaches_the_model_s_own_thresholds(model):
    found = [dog(0.9, 0), dog(0.6, 5), dog(0.49, 1), Detection("cat", 0.69, PLACES[6])]

    result = quality(matched([picture(0, 1)], [found], model))

    assert (result.right, result.false, result.missed) == (1, 1, 1)
    assert (result.precision, result.recall, result.f1) == (0.5, 0.5, 0.5)


def test_the_count_error_is_by_label_and_picture(model):
    pictures = [picture(0, 1), picture(2)]
    # One dog too few and a cat too many in the first; the right number, at a wrong place, in the
    # second.
    found = [[dog(0.9, 0), Detection("cat", 0.9, PLACES[5])], [dog(0.9, 7)]]

    results = matched(pictures, found, model)

    assert quality(results).count_error == pytest.approx((2 + 0) / 2)
    assert quality(results, "dog").count_error == pytest.approx((1 + 0) / 2)


def test_without_detections_there_is_no_precision_and_without_objects_no_recall(model):
    missed = quality(matched([picture(0)], [[]], model))
    nothing = quality(matched([picture()], [[]], model))

    assert (missed.precision, missed.recall, missed.f1) == (None, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.count_error) == (
        None,
        None,
        0,
        0,
    )


def test_the_best_threshold_separates_right_from_false(model):
    found = [[dog(0.8, 0), dog(0.4, 1), dog(0.3, 8), dog(0.2, 9)]]

    threshold, best, by_label = best_threshold([picture(0, 1)], found, model)

    assert threshold == 0.4
    assert best.f1 == 1
    assert by_label == {"dog": (0.4, best)}


def test_a_label_of_which_nothing_is_right_has_no_best_threshold(model):
    found = [[dog(0.8, 5)]]

    _, best, by_label = best_threshold([picture(0)], found, model)

    assert best.f1 == 0
    assert by_label == {}


def test_scores_that_say_how_often_they_are_right_are_calibrated(model):
    # Of five detections with .8 four are right, of two with .5 one.
    found = [[dog(0.8, n) for n in range(5)] + [dog(0.5, n) for n in (5, 6)]]

    error, bins = calibration([picture(0, 1, 2, 3, 5)], found, model)

    assert error == pytest.approx(0)
    assert [(one.lowest, one.number, one.right) for one in bins] == [(0.5, 2, 0.5), (0.8, 5, 0.8)]


def test_a_model_that_is_too_sure_has_an_error_of_that_much(model):
    error, _ = calibration([picture(0)], [[dog(1.0, 0), dog(1.0, 5)]], model)

    assert error == pytest.approx(0.5)


def test_without_detections_there_is_nothing_to_calibrate(model):
    assert calibration([picture(0)], [[]], model) == (None, ())
