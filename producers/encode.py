"""JPEG that fits: first less quality, then fewer pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from producers.picture import Pixels
from pycturestream.jpeg import read_size
from pycturestream.refusal import Refusal

_QUALITIES = (85, 75, 65, 55)
"""Below 55 blocks show, and fewer pixels serve a detector better than blocks."""
_SHRINK = 0.75


class TooLargeError(Exception):
    """A picture that can't be made to fit in a message."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a picture must keep to; see the settings of the same names."""

    byte_budget: int
    """Aimed at."""
    byte_limit: int
    """Never exceeded."""
    pixel_limit: int
    side_minimum: int
    """Pictures are not scaled below this."""


def to_jpeg(content: Pixels | bytes, fit: Fit) -> bytes:
    """Return the picture as JPEG bytes.

    A file's bytes stay as they are while they keep to the budget; so do those that can't be
    decoded, for as long as they keep to the limit. Raises TooLargeError.
    """
    if isinstance(content, bytes):
        if len(content) <= fit.byte_budget:
            return content
        pixels = _decode(content, fit.pixel_limit)
        if pixels is None:
            return _within(content, fit.byte_limit)
        content = pixels
    smallest = b""
    for pixels in _sizes(content, fit.side_minimum):
        for quality in _QUALITIES:
            smallest = _encode(pixels, quality)
            if len(smallest) <= fit.byte_budget:
                return smallest
    return _within(smallest, fit.byte_limit)


def _sizes(pixels: Pixels, side_minimum: int) -> Iterator[Pixels]:
    """Yield the picture, then smaller and smaller ones of the same shape."""
    height, width = pixels.shape[:2]
    scale = 1.0
    while scale == 1.0 or min(width, height) * scale >= side_minimum:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if scale == 1.0:
            yield pixels
        else:
            yield np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        scale *= _SHRINK


def _encode(pixels: Pixels, quality: int) -> bytes:
    try:
        _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
    except cv2.error as error:
        height, width = pixels.shape[:2]
        raise TooLargeError(f"{width}x{height} can't be a JPEG") from error
    return bytes(data)


def _decode(jpeg: bytes, pixel_limit: int) -> Pixels | None:
    """Return the pixels, or None for what is damaged, no JPEG, or dangerously large."""
    try:
        size = read_size(jpeg)
    except Refusal:
        return None
    if size.width * size.height > pixel_limit:
        return None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _within(jpeg: bytes, byte_limit: int) -> bytes:
    if len(jpeg) > byte_limit:
        raise TooLargeError(f"{len(jpeg)} bytes, allowed {byte_limit}")
    return jpeg
