"""A network as TensorFlow runs it, in float32, bfloat16 or float16."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, repeat
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from pycturestream.detector.network import Found
from pycturestream.detector.registry import ModelDescription, ModelError
from pycturestream.detector.tensorflow import set_up, tf
from pycturestream.native_output import without_notes

OUTPUTS = ("boxes", "scores", "classes", "count")
MIXED: Final = {
    "bfloat16": "auto_mixed_precision_onednn_bfloat16",
    "float16": "auto_mixed_precision",
}
"""What TensorFlow calls the rewriting of a graph: for a processor, and for a GPU."""

_NOTES: Final = (
    "I0000 ",
    r"WARNING: All log messages before absl::InitializeLog\(\)",
    r".{26}: E \S+ oneDNN supports DT_HALF only on platforms with AVX-512",
)
"""How the lines begin that TensorFlow writes about what it will compute with.

It calls the last one an error, when it loads a model on a processor that has no float16: also for a
model that is to compute in something else.
"""


class SavedModelNetwork:
    """The SavedModel of a model. models/README.md describes its signature."""

    def __init__(self, run: Callable[[NDArray[np.uint8]], Mapping[str, Any]]) -> None:
        """`run` returns the tensors OUTPUTS for pictures."""
        self._run = run

    @classmethod
    def load(cls, description: ModelDescription, threads: int = 0) -> "SavedModelNetwork":
        """Load the SavedModel, to compute in float32. `threads` bounds TensorFlow; 0: all cores.

        Raises ModelError if it can't be loaded, or if its signature is not that of a detector.
        """
        set_up(threads)
        saved_model = _load(description)
        function = saved_model.signatures["serving_default"]

        def run(pictures: NDArray[np.uint8]) -> Mapping[str, Any]:
            # Named here, the SavedModel stays: its function alone would not keep the weights alive.
            assert saved_model is not None  # noqa: S101
            outputs: Mapping[str, Any] = function(pictures=tf.constant(pictures))
            return outputs

        return cls(run)

    @classmethod
    def load_mixed(
        cls,
        description: ModelDescription,
        arithmetic: Literal["bfloat16", "float16"],
        threads: int = 0,
    ) -> "SavedModelNetwork":
        """Load the SavedModel, to compute its convolutions in an arithmetic; else as `load`.

        It must be the first model of its process: the setting counts for all that are loaded.
        """
        set_up(threads)
        tf.config.optimizer.set_experimental_options({MIXED[arithmetic]: True})
        # Imported here, it costs nobody else a second.
        from tensorflow.python.framework.convert_to_constants import (  # noqa: PLC0415
            convert_variables_to_constants_v2,
        )

        # Only a graph whose weights are constants is rewritten as a whole.
        saved_model = _load(description)
        with without_notes(*_NOTES):
            frozen = convert_variables_to_constants_v2(saved_model.signatures["serving_default"])

        def run(pictures: NDArray[np.uint8]) -> Mapping[str, Any]:
            # The first picture has the graph rewritten.
            with next(quiet):
                outputs = frozen(tf.constant(pictures))
            # A frozen function returns its outputs in the order of their names.
            return dict(zip(sorted(OUTPUTS), outputs, strict=True))

        quiet: Iterator[AbstractContextManager[None]] = chain(
            [without_notes(*_NOTES)], repeat(nullcontext())
        )
        return cls(run)

    def find(self, pictures: NDArray[np.uint8], floor: float) -> list[Found]:  # noqa: ARG002
        """Return what is in each picture; suppression is in the SavedModel, with its own floor."""
        outputs = self._run(pictures)
        boxes, scores, classes, count = (np.asarray(outputs[name]) for name in OUTPUTS)
        return [Found(boxes[i, :n], scores[i, :n], classes[i, :n]) for i, n in enumerate(count)]


def _load(description: ModelDescription) -> Any:
    try:
        with without_notes(*_NOTES):
            saved_model = tf.saved_model.load(str(description.saved_model))
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise ModelError(f"{description.saved_model} can't be loaded: {error}") from error
    _check_signature(saved_model, description)
    return saved_model


def _check_signature(saved_model: Any, description: ModelDescription) -> None:
    """Raise ModelError unless the model takes pictures of its canvases and returns detections."""
    function = saved_model.signatures.get("serving_default")
    if function is None:
        raise ModelError(f"{description.saved_model} has no signature serving_default")
    missing = set(OUTPUTS) - set(function.structured_outputs)
    if missing:
        raise ModelError(f"{description.saved_model} returns no {', '.join(sorted(missing))}")
    taken = function.structured_input_signature[1].get("pictures")
    canvas = description.canvas
    wanted: list[int | None]
    if description.canvas_step is None:
        wanted, sizes = [canvas.height, canvas.width], str(canvas)
    else:
        wanted, sizes = [None, None], "any size"
    if (
        taken is None
        or not taken.is_compatible_with(tf.TensorSpec([None, *wanted, 3], tf.uint8))
        or taken.shape[0] is not None
        or (description.canvas_step is not None and taken.shape[1:3].as_list() != wanted)
    ):
        raise ModelError(
            f"{description.saved_model} takes no `pictures` of {sizes} in batches of any size:"
            f" {taken}"
        )
