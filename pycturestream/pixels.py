"""JPEG to pixels and back: the one place that decodes bytes from outside, and encodes anew.

The limits are checked by the header first, so that nothing is decoded that takes more memory or
time than a camera's pictures do. Everything here may still run for seconds on pictures made for
that; `pycturestream.detector.decoder_pool` decodes where it can be stopped.
"""

from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from pycturestream.domain.frames.jpeg import check_cost, read_header
from pycturestream.domain.frames.rejection import Rejection

Pixels = NDArray[np.uint8]
"""Height x width x 3, blue before green before red, as OpenCV has it."""

OUTGOING_BYTE_LIMIT = 200_000
"""Of a picture that leaves: mail servers and phones take it, and people see who it is."""
_QUALITIES = (85, 75, 65, 55)
"""Below 55 blocks are visible, and fewer pixels show more than blocks."""
_LARGEST_STEP = 0.75
"""From one size to the next; a picture that is far too large shrinks by more at once."""


def decode(jpeg: bytes, pixel_limit: int, flags: int = cv2.IMREAD_COLOR) -> Pixels:
    """Return the pixels of a JPEG, rotated as its EXIF says; `flags` are OpenCV's.

    Raises Rejection if it is damaged, no JPEG, too large, or takes too long to decode.
    """
    check_cost(read_header(jpeg), pixel_limit)
    return decode_unchecked(jpeg, flags)


def decode_unchecked(jpeg: bytes, flags: int) -> Pixels:
    """Return the pixels of a JPEG whose header was checked. Raises Rejection `not-jpeg`."""
    try:
        pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    except cv2.error as error:
        raise Rejection("not-jpeg", f"the decoder failed: {error.err}") from error
    if pixels is None:
        raise Rejection("not-jpeg", "the decoder found no complete picture")
    return np.asarray(pixels, np.uint8)


def encode_anew(jpeg: bytes, pixel_limit: int) -> bytes:
    """Return a picture as it may leave the system: what it shows, and no other byte of the sender.

    Neither metadata nor bytes behind the picture remain, and no byte reaches a foreign decoder that
    an encoder of ours did not write. Raises what `decode` raises.
    """
    return encode_outgoing(decode(jpeg, pixel_limit))


def encode_outgoing(pixels: Pixels, byte_limit: int = OUTGOING_BYTE_LIMIT) -> bytes:
    """Return a JPEG of at most so many bytes.

    By less quality first, then by fewer pixels.
    """
    while True:
        for quality in _QUALITIES:
            data = bytes(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1])
            if len(data) <= byte_limit:
                return data
        pixels = _shrink(pixels, min(_LARGEST_STEP, sqrt(byte_limit / len(data))))


def shrink_to_width(pixels: Pixels, width: int) -> Pixels:
    """Return pixels that are no wider; what is narrower stays as it is."""
    return _shrink(pixels, width / pixels.shape[1]) if pixels.shape[1] > width else pixels


def _shrink(pixels: Pixels, scale: float) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
