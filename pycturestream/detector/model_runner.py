"""Runs a model: letterboxed pictures in, detections out."""

import logging
from collections.abc import Iterable, Sequence
from math import sqrt

import numpy as np
from msgspec.structs import replace

from pycturestream.config.settings import Arithmetic, Quality, Settings
from pycturestream.detector.arithmetic import (
    arithmetics,
    has_gpu,
    processor_features,
    unusable,
)
from pycturestream.detector.canvas import FittedCanvas
from pycturestream.detector.grid_boxes import SAME_OBJECT_IOU, VOTING_SHARE
from pycturestream.detector.letterbox import Letterboxed, letterbox
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.network import Found, Network
from pycturestream.detector.registry import ModelDescription, ModelError, load_model
from pycturestream.detector.selection import WEAK_SHARE, select
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox

log = logging.getLogger(__name__)

USUAL_SHAPES = (Size(16, 9), Size(4, 3), Size(3, 4))
"""Of cameras, and of phones held upright. The first picture of another shape takes longer."""
COARSE_AREA = 100_000
"""Pixels of the canvas of a second look: half as many. Large things don't fall into pieces on it.
"""
SECOND_LOOK_WEIGHT = 0.9
"""Of the second look's score, where it is the higher one; the first look's score has the rest."""
LARGE = 0.5
"""Of the canvas, by the longer side of a box against the square root of the area. With more, things
fell into pieces unseen: of nine situations in an office two were missed with .8."""
LARGE_SCORE = 0.2
"""The pieces of a large thing may all have low scores."""
LOWEST_SCORE = 0.05
"""Of the detections that an evaluation sees: its curves then have no visible end."""


class ModelRunner:
    """One model, loaded once per worker."""

    def __init__(
        self,
        description: ModelDescription,
        network: Network,
        arithmetic: Arithmetic = "float32",
        quality: Quality = "balanced",
    ) -> None:
        """`quality` says which pictures have a second look, if the model takes any size."""
        self.description = description
        self.arithmetic = arithmetic
        self._network = network
        self._quality = quality
        # What is lower has no influence on what is selected: neither a vote nor a weight. So those
        # who ask for lower scores get the same detections above it.
        weakest = WEAK_SHARE * description.lowest_threshold
        self._floor = min(LARGE_SCORE, VOTING_SHARE * weakest)
        self._coarse: FittedCanvas | None = None
        if quality != "fast" and description.canvas_step is not None:
            self._coarse = FittedCanvas(COARSE_AREA, description.canvas_step)

    @classmethod
    def load(
        cls,
        description: ModelDescription,
        options: ModelOptions = ModelOptions(),  # noqa: B008 - immutable
    ) -> "ModelRunner":
        """Load the model in the arithmetic that is wanted, or in the next best that can be loaded.

        Raises ModelError if the model can't be loaded at all.
        """
        features = processor_features(options.features)
        for each in arithmetics(description, options.arithmetic, features, gpu=has_gpu()):
            try:
                network = _load(description, each, features, options.threads)
            except ModelError as error:
                if each == "float32":
                    raise
                log.warning("%s can't compute in %s: %s", description.name, each, error)
                continue
            return cls(description, network, each, options.quality)
        raise AssertionError("every model offers float32")

    @classmethod
    def of(cls, settings: Settings) -> "ModelRunner":
        """Load the model that the settings name, as they say. Raises ModelError."""
        description = load_model(settings.model, settings.model_folder)
        return cls.load(description, ModelOptions.of(settings))

    def warm_up(self, batch_sizes: Iterable[int] = (1,)) -> int:
        """Run once for each usual canvas and batch size; return the number of whole pictures.

        So no live picture waits for a first run.
        """
        kinds = (self.description.canvases, *([] if self._coarse is None else [self._coarse]))
        canvases = {kind.fit(shape) for kind in kinds for shape in USUAL_SHAPES}
        count = 0
        for canvas in sorted(canvases, key=str):
            for size in batch_sizes:
                pictures = np.zeros((size, canvas.height, canvas.width, 3), np.uint8)
                self._network.find(pictures, LOWEST_SCORE)
                count += size
        return count // len(kinds)

    def detect(self, pictures: Sequence[Letterboxed]) -> list[list[Detection]]:
        """Return the selected detections of each picture, best first, in one batch.

        Boxes are 0..1 of the original picture.
        """
        lowest = WEAK_SHARE * self.description.lowest_threshold
        return [select(found, self.description) for found in self.find(pictures, lowest)]

    def find(
        self, pictures: Sequence[Letterboxed], lowest: float = LOWEST_SCORE
    ) -> list[list[Detection]]:
        """Return all detections of each picture, at least those of this score, best first."""
        floor = min(lowest, self._floor)
        found = self._look(pictures, floor)
        if self._coarse is not None:
            again = [
                number
                for number, picture in enumerate(pictures)
                if self._quality == "best"
                or any(_is_large(each, picture) for each in found[number])
            ]
            coarser = [_coarser(pictures[number], self._coarse) for number in again]
            for number, second in zip(again, self._look(coarser, floor), strict=True):
                found[number] = _merge(found[number], second, self._floor)
        return [[each for each in of_one if each.score >= lowest] for of_one in found]

    def _look(self, pictures: Sequence[Letterboxed], lowest: float) -> list[list[Detection]]:
        detections: list[list[Detection]] = [[] for _ in pictures]
        for numbers in _by_canvas(pictures):
            batch = np.stack([pictures[number].canvas for number in numbers])
            for number, found in zip(numbers, self._network.find(batch, lowest), strict=True):
                detections[number] = self._name(pictures[number], found)
        return detections

    def _name(self, picture: Letterboxed, found: Found) -> list[Detection]:
        labels = self.description.labels
        return [
            Detection(labels[index], score, BoundingBox(*box))
            for box, score, index in zip(
                picture.restore(found.boxes).tolist(),
                found.scores.tolist(),
                found.classes.tolist(),
                strict=True,
            )
        ]


def _load(
    description: ModelDescription, arithmetic: Arithmetic, features: frozenset[str], threads: int
) -> Network:
    """Load a model. Raises ModelError. What it needs is imported here: TensorFlow takes seconds."""
    if reason := unusable(arithmetic, features, gpu=has_gpu()):
        raise ModelError(reason)
    if arithmetic == "int8":
        from pycturestream.detector.integer_network import IntegerNetwork  # noqa: PLC0415

        return IntegerNetwork.load(description, threads)
    from pycturestream.detector.saved_model import SavedModelNetwork  # noqa: PLC0415

    if arithmetic == "float32":
        return SavedModelNetwork.load(description, threads)
    return SavedModelNetwork.load_mixed(description, arithmetic, threads)


def _is_large(detection: Detection, picture: Letterboxed) -> bool:
    """Whether it shows something, or a part of it, that the model sees better from further away."""
    box = detection.box
    across, down = box.width * picture.width, box.height * picture.height
    area = picture.canvas.shape[0] * picture.canvas.shape[1]
    return detection.score >= LARGE_SCORE and max(across, down) >= LARGE * sqrt(area)


def _coarser(picture: Letterboxed, canvases: FittedCanvas) -> Letterboxed:
    bottom, right = picture.top + picture.height, picture.left + picture.width
    content = picture.canvas[picture.top : bottom, picture.left : right]
    return letterbox(content, canvases.fit(picture.original), picture.original)


def _merge(
    first: Sequence[Detection], second: Sequence[Detection], floor: float
) -> list[Detection]:
    """Return what two looks found, each object once and best first.

    A label of which the second look is surer than the first has nearly its score: what only one of
    both sees, such as a dog in somebody who comes in, must not outdo what both see. What the first
    look sees below the floor is not compared.
    """
    seen = [detection for detection in first if detection.score >= floor]
    merged = [*seen]
    for detection in second:
        overlaps = (detection.box.iou(d.box) if d.label == detection.label else 0 for d in seen)
        overlap, index = max(zip(overlaps, range(len(seen)), strict=True), default=(0, 0))
        known = overlap > SAME_OBJECT_IOU
        before = seen[index].score if known else 0.0
        if detection.score > before:
            score = SECOND_LOOK_WEIGHT * detection.score + (1 - SECOND_LOOK_WEIGHT) * before
            surer = replace(detection, score=score)
            if known:
                merged[index] = surer
            else:
                merged.append(surer)
    merged += [detection for detection in first if detection.score < floor]
    return sorted(merged, key=lambda d: -d.score)


def _by_canvas(pictures: Sequence[Letterboxed]) -> Iterable[list[int]]:
    """Return the indices of the pictures, those of equal canvases together."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, picture in enumerate(pictures):
        groups.setdefault(picture.canvas.shape, []).append(number)
    return groups.values()
