"""Decodes a JPEG no larger than a model's canvas needs."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pycturestream.detector.canvas import Canvases, scale_to_fit
from pycturestream.detector.letterbox import Letterboxed, letterbox
from pycturestream.domain.frames.jpeg import Size, read_size
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.errors import DataError
from pycturestream.pixels import decode_unchecked

_REDUCED = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8),
    (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
    (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
)
"""Divisors of a reduced decoding, and their flags without the one for colour: 1280x720 at half
size takes a third of the time."""


class UndecodablePicture(DataError):  # noqa: N818 - named after the picture, which the caller keeps
    """The bytes hold no complete picture; the message gives the reason."""


def decode_jpeg(
    jpeg: bytes, canvases: Canvases, memory: NDArray[np.uint8] | None = None
) -> Letterboxed:
    """Return the picture on the canvas for its shape, turned upright by its EXIF orientation.

    The canvas is made in `memory`, if there is any: bytes for the largest canvas at least. Raises
    UndecodablePicture.
    """
    try:
        size = read_size(jpeg)
        pixels = decode_unchecked(jpeg, _read_flag(size, canvases))
    except Rejection as rejection:
        raise UndecodablePicture(str(rejection)) from rejection
    rows, columns = pixels.shape[:2]
    if (rows > columns) != (size.height > size.width) and rows != columns:
        size = Size(size.height, size.width)
    return letterbox(pixels, canvases.fit(size), size, memory)


def _read_flag(size: Size, canvases: Canvases) -> int:
    """Return the flags of the smallest decoding that needs no enlarging, with red first."""
    turned = Size(size.height, size.width)
    needed = max(scale_to_fit(each, canvases.fit(each)) for each in (size, turned))
    reduced = next((flag for divisor, flag in _REDUCED if needed * divisor <= 1), 0)
    return int(reduced | cv2.IMREAD_COLOR_RGB)
