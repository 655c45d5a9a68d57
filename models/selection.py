"""Which of the boxes that a model gives are believed."""

from models.registry import ModelDescription
from pycturestream.detection import Detection

ONE_THING_IOU = 0.85
"""Boxes that lie on each other like this show one thing, whatever their labels. A rider and
the bicycle overlap less; car and truck for the same vehicle overlap more."""


def select(detections: list[Detection], description: ModelDescription) -> list[Detection]:
    """Return what reaches its label's threshold, one label for each thing, best first.

    Thresholds come first: a truck that is not believed must not push out the car.
    """
    believed = [d for d in detections if d.score >= description.threshold_of(d.label)]
    selected: list[Detection] = []
    for detection in sorted(believed, key=lambda d: -d.score):
        if all(detection.box.iou(better.box) < ONE_THING_IOU for better in selected):
            selected.append(detection)
    return selected
