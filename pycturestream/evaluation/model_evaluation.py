"""Evaluates a model on labelled pictures: how well it detects, and what that costs."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from producers.encode import Fit
from pycturestream.config.settings import Settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.detection import Detection
from pycturestream.evaluation.average_precision import AveragePrecision, average_precision
from pycturestream.evaluation.detection_cost import (
    EXAMPLES,
    THREADS,
    DetectionCost,
    detection_cost,
)
from pycturestream.evaluation.detection_scoring import (
    CalibrationBin,
    Quality,
    best_threshold,
    calibration,
    matched,
    quality,
)
from pycturestream.evaluation.labelled_pictures import LabelledPicture, LabelledSet
from pycturestream.evaluation.matching import Matched

if TYPE_CHECKING:  # importing TensorFlow takes seconds
    from pycturestream.evaluation.model_pass import ModelPass

Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Called with steps as they are done, a title, and their number; yields the same steps."""


@dataclass(frozen=True, slots=True)
class PictureResult:
    """A picture and how its detections agree with its boxes."""

    picture: LabelledPicture
    matched: Matched


@dataclass(frozen=True, slots=True)
class WorstPicture:
    """One of the pictures with the most errors."""

    result: PictureResult
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class LabelResult:
    """How well one label is detected."""

    label: str
    boxes: int
    ap50: float | None
    quality: Quality
    """At the model's own threshold."""
    best_threshold: float | None
    """The one with the highest F1; None if nothing is right at any."""
    best: Quality | None


@dataclass(frozen=True, slots=True)
class ModelResult:
    """All figures of a model on a set of labelled pictures."""

    model: ModelDescription
    pictures: Sequence[PictureResult]
    average_precision: AveragePrecision
    quality: Quality
    """At the model's own thresholds."""
    best_threshold: float
    """The one with the highest F1, the same for all labels."""
    best: Quality
    labels: Sequence[LabelResult]
    calibration_error: float | None
    calibration: Sequence[CalibrationBin]
    costs: Sequence[DetectionCost]
    worst: Sequence[WorstPicture]
    """The most errors first; only pictures with one."""
    unknown_labels: Mapping[str, int]
    """Labels that the model does not have, and the number of their boxes: all missed."""


def evaluate_model(
    labelled: LabelledSet,
    description: ModelDescription,
    label: str | None,
    worst: int,
    settings: Settings,
    progress: Progress,
    *,
    with_cost: bool,
) -> ModelResult:
    """Score a model on labelled pictures, of all labels or one, and keep the `worst` pictures.

    Raises SourceError, GroundTruthError, ModelError, DataError and CommandError.
    """
    from pycturestream.evaluation.model_pass import ModelPass  # noqa: PLC0415 - takes seconds

    model = ModelPass.load(description, settings)
    examples: list[bytes] = []
    found: list[list[Detection]] = []
    results: list[PictureResult] = []
    heap: list[tuple[int, int, WorstPicture]] = []
    steps = _detect(model, labelled, settings)
    title = f"detecting in {labelled.path.name}"
    for number, (picture, jpeg, everything) in enumerate(
        progress(steps, title, len(labelled.pictures))
    ):
        detections = [d for d in everything if label in {None, d.label}]
        found.append(detections)
        [agreement] = matched([picture], [detections], description)
        results.append(PictureResult(picture, agreement))
        if len(examples) < EXAMPLES:
            examples.append(jpeg)
        if agreement.errors and worst:
            # The number decides between equals, so that pictures are never compared.
            heapq.heappush(heap, (agreement.errors, -number, WorstPicture(results[-1], jpeg)))
            if len(heap) > worst:
                heapq.heappop(heap)
    del model  # what is measured next needs the memory
    costs: list[DetectionCost] = []
    if with_cost:
        measured = (detection_cost(description, settings, examples, threads) for threads in THREADS)
        for some in progress(measured, f"measuring {description.name}", len(THREADS)):
            costs += some
    return _result(labelled.pictures, description, label, found, results, costs, heap)


def _detect(
    model: "ModelPass", labelled: LabelledSet, settings: Settings
) -> Iterator[tuple[LabelledPicture, bytes, list[Detection]]]:
    pictures = labelled.jpegs(Fit.of(settings))
    while batch := list(islice(pictures, settings.detection_batch_size)):
        found = model.find([model.decode(jpeg) for _, jpeg in batch])
        for (picture, jpeg), detections in zip(batch, found, strict=True):
            yield picture, jpeg, detections


def _result(
    pictures: Sequence[LabelledPicture],
    description: ModelDescription,
    label: str | None,
    found: Sequence[Sequence[Detection]],
    results: Sequence[PictureResult],
    costs: Sequence[DetectionCost],
    heap: Sequence[tuple[int, int, WorstPicture]],
) -> ModelResult:
    agreements = [result.matched for result in results]
    precision = average_precision(pictures, found)
    threshold, best, by_label = best_threshold(pictures, found, description)
    error, bins = calibration(pictures, found, description)
    boxes: dict[str, int] = {}
    for picture in pictures:
        for box in picture.boxes:
            if box.counts:
                boxes[box.label] = boxes.get(box.label, 0) + 1
    reported = {d.label for one in agreements for d, grade in one.detections if grade == "false"}
    labels = [
        LabelResult(
            name,
            boxes.get(name, 0),
            precision.by_label.get(name),
            quality(agreements, name),
            *by_label.get(name, (None, None)),
        )
        for name in sorted({*boxes, *reported}, key=lambda name: (-boxes.get(name, 0), name))
        if label in {None, name}
    ]
    return ModelResult(
        description,
        results,
        precision,
        quality(agreements),
        threshold,
        best,
        labels,
        error,
        bins,
        costs,
        [picture for *_, picture in sorted(heap, reverse=True, key=lambda item: item[:2])],
        {name: number for name, number in boxes.items() if name not in description.labels},
    )
