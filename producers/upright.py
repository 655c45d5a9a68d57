"""A decoded picture as a detector wants it: upright, square pixels, all lines of one moment."""

from fractions import Fraction

import cv2
import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from producers.picture import Pixels

_OBLONG = Fraction(4)
"""The longest pixels that are believed, long to short side: half of an interlaced picture's lines
and half of its columns are usual, and no more than 2.9 results."""


def to_pixels(
    frame: VideoFrame, pixel_shape: Fraction, reformatter: VideoReformatter, pixel_limit: int
) -> Pixels:
    """Return a picture's pixels: height x width x 3, blue, green, red.

    `pixel_shape` is how many times as wide as high a pixel is. Raises FFmpegError where the
    conversion is refused, and ValueError where it did something else.
    """
    pixels = _convert(frame, reformatter)
    height, width = pixels.shape[:2]
    if frame.interlaced_frame:
        # Every other line was taken a moment later: what moves would have the teeth of a comb.
        pixels = pixels[::2]
    size = _square(width, height, pixel_shape, pixel_limit)
    if size != (pixels.shape[1], pixels.shape[0]):
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.ascontiguousarray(_turn(pixels, frame))


def _convert(frame: VideoFrame, reformatter: VideoReformatter) -> Pixels:
    converted = reformatter.reformat(frame, format="bgr24", threads=1)
    if (converted.width, converted.height, converted.format.name) != (
        frame.width,
        frame.height,
        "bgr24",
    ):
        raise ValueError("was not converted")
    plane = converted.planes[0]
    shape, strides = (frame.height, frame.width, 3), (plane.line_size, 3, 1)
    return np.ndarray(shape, np.uint8, memoryview(plane), strides=strides)


def _square(width: int, height: int, shape: Fraction, pixel_limit: int) -> tuple[int, int]:
    """Return the width and height with square pixels; no side becomes shorter."""
    if not 1 / _OBLONG <= shape <= _OBLONG:
        return width, height
    squared = (round(width * shape), height) if shape > 1 else (width, round(height / shape))
    return squared if squared[0] * squared[1] <= pixel_limit else (width, height)


def _turn(pixels: Pixels, frame: VideoFrame) -> Pixels:
    """Turn and mirror the picture as the source asks for."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return pixels
    # It maps a pixel's place to (a x + c y, b x + d y). Turns by other than right angles, which
    # no camera asks for, are rounded to them.
    a, b, _, c, d = np.frombuffer(memoryview(matrix), np.int32)[:5].tolist()
    if abs(a) + abs(d) < abs(b) + abs(c):
        pixels, a, d = np.asarray(pixels.transpose(1, 0, 2), np.uint8), c, b
    return pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
