"""Runs a model: letterboxed pictures in, detections out."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pycturestream.detector.letterbox import Letterboxed
from pycturestream.detector.registry import ModelDescription, ModelError
from pycturestream.detector.selection import select
from pycturestream.detector.tensorflow import set_up, tf
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox

OUTPUTS = ("boxes", "scores", "classes", "count")


class ModelRunner:
    """One model, loaded once per worker. models/README.md describes its SavedModel's signature."""

    def __init__(self, description: ModelDescription, saved_model: Any) -> None:
        self.description = description
        # Kept as well as its function, which alone would not keep the weights alive.
        self._saved_model = saved_model
        self._function = saved_model.signatures["serving_default"]

    @classmethod
    def load(cls, description: ModelDescription, threads: int = 0) -> "ModelRunner":
        """Load the SavedModel. `threads` bounds TensorFlow in this process; 0: all cores.

        Raises ModelError if it can't be loaded, or if its signature is not that of a detector.
        """
        set_up(threads)
        try:
            saved_model = tf.saved_model.load(str(description.saved_model))
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise ModelError(f"{description.saved_model} can't be loaded: {error}") from error
        _check_signature(saved_model, description)
        return cls(description, saved_model)

    def warm_up(self, batch_sizes: Iterable[int] = (1,)) -> None:
        """Run once for each batch size, so that no live picture waits for the first run."""
        canvas = self.description.canvas
        for size in batch_sizes:
            self._run(np.zeros((size, canvas.height, canvas.width, 3), np.uint8))

    def detect(self, pictures: Sequence[Letterboxed]) -> list[list[Detection]]:
        """Return the selected detections of each picture, best first, in one batch.

        Boxes are 0..1 of the original picture.
        """
        return [select(found, self.description) for found in self.find(pictures)]

    def find(self, pictures: Sequence[Letterboxed]) -> list[list[Detection]]:
        """Return all detections of each picture, of any score, best first."""
        if not pictures:
            return []
        boxes, scores, classes, count = self._run(np.stack([p.canvas for p in pictures]))
        return [
            self._name(picture.restore(boxes[i, :n]), scores[i, :n], classes[i, :n])
            for i, (picture, n) in enumerate(zip(pictures, count, strict=True))
        ]

    def _run(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        outputs = self._function(pictures=tf.constant(pictures))
        return tuple(outputs[name].numpy() for name in OUTPUTS)

    def _name(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], classes: NDArray[np.int32]
    ) -> list[Detection]:
        labels = self.description.labels
        return [
            Detection(labels[index], score, BoundingBox(*box))
            for box, score, index in zip(
                boxes.tolist(), scores.tolist(), classes.tolist(), strict=True
            )
        ]


def _check_signature(saved_model: Any, description: ModelDescription) -> None:
    """Raise ModelError unless the model takes pictures of its canvas and returns detections."""
    function = saved_model.signatures.get("serving_default")
    if function is None:
        raise ModelError(f"{description.saved_model} has no signature serving_default")
    missing = set(OUTPUTS) - set(function.structured_outputs)
    if missing:
        raise ModelError(f"{description.saved_model} returns no {', '.join(sorted(missing))}")
    canvas = description.canvas
    wanted = tf.TensorSpec([None, canvas.height, canvas.width, 3], tf.uint8)
    taken = function.structured_input_signature[1].get("pictures")
    if taken is None or not taken.is_compatible_with(wanted) or taken.shape[0] is not None:
        raise ModelError(
            f"{description.saved_model} takes no `pictures` of {canvas} in batches of any size:"
            f" {taken}"
        )
