"""Average precision as COCO defines it, computed by COCO's own library, `pycocotools`."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.labelled_pictures import LabelledPicture

SIZES = ("small", "medium", "large")
"""Up to 32x32 pixels of the picture, up to 96x96, and more; as in COCO."""


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """Area under the curve of precision over recall; None where nothing is labelled."""

    ap50: float | None
    """Boxes that overlap by half count as equal; mean over the labels."""
    ap: float | None
    """Mean over the ten overlaps .50, .55 … .95."""
    by_size: Mapping[str, float | None]
    """AP50 of the objects of each size."""
    by_label: Mapping[str, float]
    """AP50 of each label that is in the truth."""


def average_precision(
    pictures: Sequence[LabelledPicture], found: Sequence[Sequence[Detection]]
) -> AveragePrecision:
    """Score the detections of any score in each picture, in the pictures' order."""
    labels = sorted(
        {box.label for picture in pictures for box in picture.boxes if box.counts}
        | {detection.label for detections in found for detection in detections}
    )
    precision = _precision(pictures, found, {label: n for n, label in enumerate(labels, start=1)})
    by_label = {label: _mean(precision[0, :, n, 0]) for n, label in enumerate(labels)}
    return AveragePrecision(
        ap50=_mean(precision[0, :, :, 0]),
        ap=_mean(precision[:, :, :, 0]),
        by_size={size: _mean(precision[0, :, :, n]) for n, size in enumerate(SIZES, start=1)},
        by_label={label: value for label, value in by_label.items() if value is not None},
    )


def _precision(
    pictures: Sequence[LabelledPicture],
    found: Sequence[Sequence[Detection]],
    category: Mapping[str, int],
) -> NDArray[np.float64]:
    """Return precision [overlap, recall, label, all sizes and each]; -1 where nothing is."""
    truth: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for number, (picture, detections) in enumerate(zip(pictures, found, strict=True)):
        for box in picture.boxes:
            if box.label in category:
                area, bbox = _pixels(box.box, picture.size)
                truth.append(
                    {
                        "id": len(truth) + 1,
                        "image_id": number,
                        "category_id": category[box.label],
                        "bbox": bbox,
                        "area": area,
                        "iscrowd": int(not box.counts),
                    }
                )
        results += [
            {
                "image_id": number,
                "category_id": category[detection.label],
                "bbox": _pixels(detection.box, picture.size)[1],
                "score": detection.score,
            }
            for detection in detections
        ]
    with contextlib.redirect_stdout(io.StringIO()):  # the library prints its progress
        coco = COCO()
        coco.dataset = {
            "images": [{"id": number} for number in range(len(pictures))],
            "annotations": truth,
            "categories": [{"id": each, "name": label} for label, each in category.items()],
        }
        coco.createIndex()
        evaluation = COCOeval(coco, _results(coco, results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"])[..., -1]


def _results(coco: Any, results: list[dict[str, Any]]) -> Any:
    """Return the detections in the library's form; it does not take an empty list."""
    if results:
        return coco.loadRes(results)
    none = COCO()
    none.dataset = {**coco.dataset, "annotations": []}
    none.createIndex()
    return none


def _pixels(box: BoundingBox, size: Size) -> tuple[float, list[float]]:
    """Return area, and left, top, width and height, in pixels."""
    width, height = box.width * size.width, box.height * size.height
    return width * height, [box.x_min * size.width, box.y_min * size.height, width, height]


def _mean(precision: NDArray[np.float64]) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None
