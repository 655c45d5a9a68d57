"""Which of the boxes that a model gives are believed."""

from msgspec.structs import replace

from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.detection import Detection

ONE_THING_IOU = 0.85
"""Boxes that lie on each other like this show one thing, whatever their labels. A rider and
the bicycle overlap less; car and truck for the same vehicle overlap more."""

WEAK_SHARE = 0.8
"""Of its label's threshold that a detection must reach to tell where a known thing is. Of the
pedestrians of a street picture that the threshold hides, a third are found so; at half of it
clutter is found ten times as often."""


def select(detections: list[Detection], description: ModelDescription) -> list[Detection]:
    """Return what is believed and what is weak, one label for each thing, best first.

    Thresholds come first: a truck that is not believed must not push out the car.
    """
    graded = [
        replace(d, weak=d.score < description.threshold_of(d.label))
        for d in detections
        if d.score >= WEAK_SHARE * description.threshold_of(d.label) and d.box.area > 0
    ]
    selected: list[Detection] = []
    for detection in sorted(graded, key=lambda d: (d.weak, -d.score)):
        if all(detection.box.iou(better.box) < ONE_THING_IOU for better in selected):
            selected.append(detection)
    return selected
