"""Decodes a JPEG no larger than a model's canvas needs."""

import cv2
import numpy as np

from pycturestream.detector.canvas import Canvas
from pycturestream.detector.letterbox import Letterboxed, letterbox, scale_to_fit
from pycturestream.domain.frames.jpeg import Size, read_size
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.errors import DataError
from pycturestream.pixels import decode_unchecked

_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)
"""Divisors of a reduced decoding: 1280x720 at half size takes a third of the time."""


class UndecodablePicture(DataError):  # noqa: N818 - named after the picture, which the caller keeps
    """The bytes hold no complete picture; the message gives the reason."""


def decode_jpeg(jpeg: bytes, canvas: Canvas) -> Letterboxed:
    """Return the picture on the canvas, turned upright by its EXIF orientation.

    Raises UndecodablePicture.
    """
    try:
        size = read_size(jpeg)
        pixels = decode_unchecked(jpeg, _read_flag(size, canvas))
    except Rejection as rejection:
        raise UndecodablePicture(str(rejection)) from rejection
    picture = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
    rows, columns = picture.shape[:2]
    if (rows > columns) != (size.height > size.width) and rows != columns:
        size = Size(size.height, size.width)
    return letterbox(picture, canvas, size)


def _read_flag(size: Size, canvas: Canvas) -> int:
    """Return the flag of the smallest decoding that needs no enlarging for the canvas."""
    turned = Size(size.height, size.width)
    needed = max(scale_to_fit(size, canvas), scale_to_fit(turned, canvas))
    for divisor, flag in _REDUCED:
        if needed * divisor <= 1:
            return int(flag)
    return int(cv2.IMREAD_COLOR)
