"""A real model that a picture of one colour makes raise, and one of another colour makes hang."""

import json
import shutil
from pathlib import Path

import numpy as np

from pycturestream.detector.registry import (
    DESCRIPTION,
    FOLDER,
    LABELS,
    SAVED_MODEL,
    checksums,
    load_model,
)
from tests.recovery.still_cameras import jpeg

NAME = "fragile"
RAISES = jpeg(np.full((576, 768, 3), (0, 0, 255), np.uint8))
"""Red: OpenCV's order is blue, green, red."""
HANGS = jpeg(np.full((576, 768, 3), (255, 0, 0), np.uint8))


def make_fragile_model(folder: Path) -> None:
    """Wrap the default model into a fragile one, in a folder of models."""
    from pycturestream.detector.tensorflow import tf  # noqa: PLC0415 - takes seconds, which only this needs

    healthy = load_model("nanodet")

    class Fragile(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = tf.saved_model.load(str(healthy.saved_model))
            self.detect = self.model.signatures["serving_default"]

        @tf.function(
            input_signature=[
                tf.TensorSpec(
                    [None, healthy.canvas.height, healthy.canvas.width, 3], tf.uint8, "pictures"
                )
            ]
        )
        def __call__(self, pictures):
            red, blue = (tf.reduce_any(self.is_all(pictures, channel)) for channel in (0, 2))
            raising = tf.debugging.assert_equal(red, False, "a red picture")  # noqa: FBT003
            hanging = tf.while_loop(lambda _: blue, lambda turn: (turn + 1,), (tf.constant(0),))
            with tf.control_dependencies([raising, *hanging]):
                return self.detect(pictures=tf.identity(pictures))

        @staticmethod
        def is_all(pictures, channel):
            """Say which pictures have nothing but this channel, as far as JPEG can tell."""
            middle = pictures[:, healthy.canvas.height // 2, healthy.canvas.width // 2]
            others = tf.gather(middle, [c for c in range(3) if c != channel], axis=1)
            return (middle[:, channel] > 200) & (tf.reduce_max(others, axis=1) < 50)

    place = folder / NAME
    place.mkdir()
    model = Fragile()
    tf.saved_model.save(
        model, str(place / SAVED_MODEL), {"serving_default": model.__call__.get_concrete_function()}
    )
    shutil.copy(FOLDER / healthy.name / LABELS, place)
    described = json.loads((FOLDER / healthy.name / DESCRIPTION).read_bytes())
    described |= {
        "name": NAME,
        "canvas_step": None,
        "arithmetics": ["float32"],
        "sha256": checksums(place),
    }
    (place / DESCRIPTION).write_text(json.dumps(described))
