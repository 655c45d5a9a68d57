"""Fits a picture of any shape onto a model's canvas without stretching, and maps boxes back.

Stretching would cost detections: a cyclist in a 640x272 picture scored .28 stretched to a
square and .80 letterboxed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pycturestream.detector.canvas import Canvas, scale_to_fit
from pycturestream.domain.frames.jpeg import Size

Picture = NDArray[np.uint8]
"""RGB, [height, width, 3]."""

MARGIN = 114
"""Grey level of the margins: near the mean colour of pictures, so that they show nothing."""


SLIGHTLY = 1.3
"""Up to this factor interpolation shrinks without loss: on 61 frames of the plaza and the everyday
pictures, by 1.125 and 1.25, AP50 differed by .0035 at most, in both directions."""


@dataclass(frozen=True, slots=True)
class Letterboxed:
    """A picture on a canvas. `left`, `top`, `width`, `height`: its place there, in pixels."""

    canvas: Picture
    original: Size
    left: int
    top: int
    width: int
    height: int

    def restore(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return boxes [n, 4] of the canvas (0..1) as boxes of the original picture (0..1).

        The parts of boxes in the margins are cut off.
        """
        rows, columns = self.canvas.shape[:2]
        size = np.array([columns, rows] * 2, np.float32)
        offset = np.array([self.left, self.top] * 2, np.float32)
        content = np.array([self.width, self.height] * 2, np.float32)
        return np.clip((boxes * size - offset) / content, 0.0, 1.0)


def letterbox(
    picture: Picture,
    canvas: Canvas,
    original: Size | None = None,
    memory: NDArray[np.uint8] | None = None,
) -> Letterboxed:
    """Return the RGB picture in the middle of a canvas.

    `original` is the size before a reduced decoding; by default the picture's own. The canvas is
    made at the beginning of `memory`, if there is any: bytes, as many as it needs at least.
    """
    rows, columns = picture.shape[:2]
    original = original or Size(columns, rows)
    scale = scale_to_fit(original, canvas)
    width = max(1, round(original.width * scale))
    height = max(1, round(original.height * scale))
    left, top = (canvas.width - width) // 2, (canvas.height - height) // 2
    if memory is None:
        memory = np.empty(canvas.byte_size, np.uint8)
    filled = memory[: canvas.byte_size].reshape(canvas.height, canvas.width, 3)
    right, bottom = left + width, top + height
    filled[:top] = filled[bottom:] = MARGIN
    filled[top:bottom, :left] = filled[top:bottom, right:] = MARGIN
    # Averaging keeps small objects when a picture shrinks: interpolation, seven times as fast, lost
    # two people of a hundred. Enlarging interpolates.
    method = cv2.INTER_AREA if columns > SLIGHTLY * width else cv2.INTER_LINEAR
    cv2.resize(picture, (width, height), filled[top:bottom, left:right], interpolation=method)
    return Letterboxed(filled, original, left, top, width, height)
