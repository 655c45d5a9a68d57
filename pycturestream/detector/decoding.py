"""Decodes a JPEG no larger than a model needs it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pycturestream.blur.face_scale import AREA, face_scale
from pycturestream.detector.canvas import Canvases, scale_to_fit
from pycturestream.detector.letterbox import Letterboxed, letterbox
from pycturestream.domain.frames.jpeg import Size, read_size
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.errors import DataError
from pycturestream.pixels import Pixels, decode_unchecked

_REDUCED = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8),
    (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
    (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
)
"""Divisors of a reduced decoding, and their flags without the one for colour: 1280x720 at half
size takes a third of the time."""
FACE_BYTES = 3 * AREA
"""Of the largest picture for the face model."""


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


def decode_for_faces(jpeg: bytes, memory: NDArray[np.uint8]) -> Pixels:
    """Return the picture no larger than the face model sees it, turned upright, blue first.

    It is at the beginning of `memory`, bytes, of which it takes FACE_BYTES at most. Raises
    UndecodablePicture.
    """
    try:
        size = read_size(jpeg)
        scale = face_scale(size)
        pixels = decode_unchecked(jpeg, _reduced(scale) | cv2.IMREAD_COLOR)
    except Rejection as rejection:
        raise UndecodablePicture(str(rejection)) from rejection
    # By what was decoded: it is turned, and its sides may be rounded up. The finder enlarges.
    rows, columns = pixels.shape[:2]
    smaller = min(1.0, face_scale(Size(columns, rows)))
    width, height = max(1, int(columns * smaller)), max(1, int(rows * smaller))
    scaled = memory[: 3 * width * height].reshape(height, width, 3)
    cv2.resize(pixels, (width, height), scaled, interpolation=cv2.INTER_AREA)
    return scaled


def _read_flag(size: Size, canvases: Canvases) -> int:
    """Return the flags of the smallest decoding that needs no enlarging, with red first."""
    turned = Size(size.height, size.width)
    needed = max(scale_to_fit(each, canvases.fit(each)) for each in (size, turned))
    return _reduced(needed) | cv2.IMREAD_COLOR_RGB


def _reduced(scale: float) -> int:
    """Return the flag of the smallest decoding from which this scale needs no enlarging, or 0."""
    return next((flag for divisor, flag in _REDUCED if scale * divisor <= 1), 0)
