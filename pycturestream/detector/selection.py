"""Selects detections by threshold, and one label where boxes show the same object."""

from msgspec.structs import replace

from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.detection import Detection

SAME_OBJECT_IOU = 0.85
"""Boxes that overlap by more show the same object, whatever their labels. A rider and the bicycle
overlap less; car and truck for the same vehicle overlap more."""

WEAK_SHARE = 0.8
"""The share of its label's threshold that a weak detection must reach; it only continues a known
track. Of the pedestrians of a street picture that the threshold hides, a third are found so; at
half of it clutter is found ten times as often."""


def select(detections: list[Detection], description: ModelDescription) -> list[Detection]:
    """Return the detections above their threshold, then the weak ones, one label for each object.

    Thresholds are applied first: a truck below its threshold must not suppress the car.
    """
    graded = [
        replace(d, weak=d.score < description.threshold_of(d.label))
        for d in detections
        if d.score >= WEAK_SHARE * description.threshold_of(d.label) and d.box.area > 0
    ]
    selected: list[Detection] = []
    for detection in sorted(graded, key=lambda d: (d.weak, -d.score)):
        if all(detection.box.iou(better.box) < SAME_OBJECT_IOU for better in selected):
            selected.append(detection)
    return selected
