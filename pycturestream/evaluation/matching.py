"""Pairs the detections in a picture with what people see there, as COCO does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.labelled_pictures import LabelledBox

SAME_IOU = 0.5
"""A detection shows an object when they overlap by this much; the 50 of AP50."""
IN_CROWD = 0.5
"""The share of a detection that lies in a box that does not count."""

Grade = Literal["right", "false", "excused"]


@dataclass(frozen=True, slots=True)
class Matched:
    """How the detections in one picture agree with its boxes."""

    detections: tuple[tuple[Detection, Grade], ...]
    """The surest first. Excused are those that only a box that does not count explains."""
    missed: tuple[LabelledBox, ...]

    @property
    def right(self) -> int:
        return self.number("right")

    @property
    def false(self) -> int:
        return self.number("false")

    @property
    def errors(self) -> int:
        return self.false + len(self.missed)

    def number(self, grade: Grade) -> int:
        return sum(each == grade for _, each in self.detections)


def match(detections: Sequence[Detection], boxes: Sequence[LabelledBox]) -> Matched:
    """Give each detection, the surest first, the free box of its label that it overlaps most."""
    free = [box for box in boxes if box.counts]
    crowds = [box for box in boxes if not box.counts]
    graded: list[tuple[Detection, Grade]] = []
    for detection in sorted(detections, key=lambda d: -d.score):
        best = max(free, key=lambda box: _overlap(detection, box), default=None)
        if best is not None and _overlap(detection, best) >= SAME_IOU:
            free.remove(best)
            graded.append((detection, "right"))
        elif any(_excuses(crowd, detection) for crowd in crowds):
            graded.append((detection, "excused"))
        else:
            graded.append((detection, "false"))
    return Matched(tuple(graded), tuple(free))


def _overlap(detection: Detection, box: LabelledBox) -> float:
    return detection.box.iou(box.box) if detection.label == box.label else 0.0


def _excuses(crowd: LabelledBox, detection: Detection) -> bool:
    return (
        crowd.label == detection.label
        and _shared(crowd.box, detection.box) >= IN_CROWD * detection.box.area
    )


def _shared(one: BoundingBox, other: BoundingBox) -> float:
    """Return the area that two boxes share."""
    width = min(one.x_max, other.x_max) - max(one.x_min, other.x_min)
    height = min(one.y_max, other.y_max) - max(one.y_min, other.y_min)
    return max(width, 0.0) * max(height, 0.0)
