"""What a user sees of a model's detections: right, false and missed ones, counts, and sureness."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pycturestream.detector.registry import ModelDescription
from pycturestream.detector.selection import select
from pycturestream.domain.detection import Detection
from pycturestream.evaluation.labelled_pictures import LabelledPicture
from pycturestream.evaluation.matching import Matched, match

LOWEST = 0.1
"""Thresholds are tried from here on: below, nearly everything is false."""
STEP = 0.01
BINS = 9
"""Of the scores from LOWEST to 1, a tenth each."""

Found = Sequence[Sequence[Detection]]
"""All detections of each picture, of any score."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How detections agree with what people see."""

    right: int
    false: int
    missed: int
    count_error: float
    """Mean over the pictures of the difference between found and true number, labels summed."""

    @property
    def precision(self) -> float | None:
        """The share of detections that are right; None without any."""
        return self.right / (self.right + self.false) if self.right + self.false else None

    @property
    def recall(self) -> float | None:
        """The share of objects that are detected; None without any."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if there is neither object nor detection."""
        both = 2 * self.right + self.false + self.missed
        return 2 * self.right / both if both else 0.0


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The detections whose scores lie in one tenth."""

    lowest: float
    number: int
    score: float
    """Their mean score ..."""
    right: float
    """... and the share that is right: equal to it in a calibrated model."""


def matched(
    pictures: Sequence[LabelledPicture], found: Found, description: ModelDescription
) -> list[Matched]:
    """Match each picture's detections that the job would report, by the model's thresholds."""
    return [
        match([d for d in select(list(each), description) if not d.weak], picture.boxes)
        for picture, each in zip(pictures, found, strict=True)
    ]


def quality(results: Sequence[Matched], label: str | None = None) -> Quality:
    """Sum up the pictures, for all labels or one."""
    right = false = missed = 0
    errors = []
    for result in results:
        surplus: Counter[str] = Counter()
        for detection, grade in result.detections:
            if label in {None, detection.label}:
                right += grade == "right"
                false += grade == "false"
                surplus[detection.label] += grade == "false"
        for box in result.missed:
            if label in {None, box.label}:
                missed += 1
                surplus[box.label] -= 1
        errors.append(sum(map(abs, surplus.values())))
    return Quality(right, false, missed, fmean(errors) if errors else 0.0)


def best_threshold(
    pictures: Sequence[LabelledPicture], found: Found, description: ModelDescription
) -> tuple[float, Quality, Mapping[str, tuple[float, Quality]]]:
    """Return the threshold with the highest F1, the same for all labels, and that of each label.

    Of equal ones the highest; none for a label of which nothing is right at any threshold.
    """
    best: tuple[float, Quality] | None = None
    by_label: dict[str, tuple[float, Quality]] = {}
    labels = {box.label for picture in pictures for box in picture.boxes if box.counts}
    for step in range(round(LOWEST / STEP), round(1 / STEP)):
        threshold = round(step * STEP, 2)
        results = matched(pictures, found, _with_threshold(description, threshold))
        whole = quality(results)
        if best is None or whole.f1 >= best[1].f1:
            best = threshold, whole
        for label in labels:
            one = quality(results, label)
            if one.right and (label not in by_label or one.f1 >= by_label[label][1].f1):
                by_label[label] = threshold, one
    assert best is not None  # noqa: S101 - there are steps
    return *best, by_label


def calibration(
    pictures: Sequence[LabelledPicture], found: Found, description: ModelDescription
) -> tuple[float | None, tuple[CalibrationBin, ...]]:
    """Return the expected calibration error, and the tenths of scores that it is made of.

    It is the mean distance between score and share of right ones, weighted by number (Guo et al.
    2017, "On Calibration of Modern Neural Networks"); None without a detection.
    """
    results = matched(pictures, found, _with_threshold(description, LOWEST))
    tenths: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for result in results:
        for detection, grade in result.detections:
            if grade != "excused":
                place = min(int(10 * detection.score) - 1, BINS - 1)
                tenths[max(place, 0)].append((detection.score, grade == "right"))
    bins = tuple(
        CalibrationBin(
            lowest=round(LOWEST + number / 10, 1),
            number=len(tenth),
            score=fmean(score for score, _ in tenth),
            right=fmean(right for _, right in tenth),
        )
        for number, tenth in enumerate(tenths)
        if tenth
    )
    total = sum(one.number for one in bins)
    if not total:
        return None, ()
    return sum(one.number * abs(one.score - one.right) for one in bins) / total, bins


def _with_threshold(description: ModelDescription, threshold: float) -> ModelDescription:
    return description.model_copy(update={"threshold": threshold, "thresholds": {}})
