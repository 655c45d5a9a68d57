from pathlib import Path

from msgspec.structs import replace

from pycturestream.detector.canvas import Canvas
from pycturestream.detector.registry import ModelDescription
from pycturestream.detector.selection import select
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox

MODEL = ModelDescription(
    folder=Path(),
    name="any",
    version="1",
    licence="MIT",
    origin="this test",
    canvas=Canvas(64, 32),
    labels=("person", "bicycle", "car", "truck"),
    threshold=0.6,
    thresholds={"person": 0.5, "car": 0.4},
    sha256={"file": "sum"},
)


def detection(label, score, x=0.0, width=0.2):
    return Detection(label, score, BoundingBox(x, 0.1, x + width, 0.5))


def test_each_label_has_its_threshold():
    enough = [detection("person", 0.5), detection("truck", 0.6, x=0.3)]
    weak = [detection("person", 0.49, x=0.5), detection("truck", 0.59, x=0.7)]
    too_low = [detection("person", 0.39, x=0.1), detection("truck", 0.47, x=0.8)]

    assert select(too_low + weak + enough, MODEL) == [
        *reversed(enough),
        *(replace(d, weak=True) for d in reversed(weak)),
    ]


def test_a_detection_above_its_threshold_comes_before_a_weak_one_with_a_higher_score():
    truck, car = detection("truck", 0.55), detection("car", 0.45)

    assert select([truck, car], MODEL) == [car]


def test_one_object_has_one_label():
    truck, car = detection("truck", 0.7), detection("car", 0.65, width=0.19)

    assert select([car, truck], MODEL) == [truck]


def test_a_rider_and_a_bicycle_are_two_objects():
    rider = Detection("person", 0.9, BoundingBox(0.1, 0.1, 0.3, 0.7))
    bicycle = Detection("bicycle", 0.7, BoundingBox(0.08, 0.4, 0.32, 0.8))

    assert select([bicycle, rider], MODEL) == [rider, bicycle]


def test_a_box_without_area_is_dropped():
    assert select([detection("person", 0.9, width=0.0)], MODEL) == []


def test_no_detections_give_none():
    assert select([], MODEL) == []
