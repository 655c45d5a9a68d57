"""OpenCV's video capture with types, and silent: a failure is reported once, in our own words."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import cast

import cv2
import numpy as np

from producers.picture import Pixels, SourceError
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet, in FFmpeg's numbers


class VideoCapture:
    """An open file, device or stream."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture

    @property
    def fps(self) -> float | None:
        """The rate that a file claims; None if the claim can't be true."""
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        return fps if isfinite(fps) and 0 < fps <= 1000 else None

    @property
    def frames(self) -> int:
        """How many pictures a file claims to hold; 0 if it makes no claim."""
        return max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that a source declares; zeros if it declares none."""
        width, height = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
        return int(self._capture.get(width)), int(self._capture.get(height))

    @property
    def second(self) -> float:
        """The time of the grabbed picture, in seconds since the beginning of the stream."""
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000

    def grab(self) -> bool:
        """Take the next picture off the source without converting it; False at the end."""
        return bool(self._capture.grab())

    def retrieve(self) -> Pixels | None:
        """Return the grabbed picture, or None if it is damaged."""
        found, pixels = self._capture.retrieve()
        return np.asarray(pixels, np.uint8) if found else None

    def read(self) -> Pixels | None:
        """Return the next picture, or None at the end."""
        return self.retrieve() if self.grab() else None


@contextmanager
def open_capture(
    address: str | bytes | int,
    name: str,
    *,
    parameters: Sequence[int] = (),
    backend: int = cv2.CAP_ANY,
    pixel_limit: int = PICTURE_PIXEL_LIMIT,
) -> Iterator[VideoCapture]:
    """Open a capture (a number, text, or the bytes of a path), and release it at the end.

    `parameters` are pairs of OpenCV properties and values. Raises SourceError with `name`; so it
    does for a source that declares more than `pixel_limit` pixels, before any is decoded.
    """
    # OpenCV takes bytes too; its types don't say so.
    capture = cv2.VideoCapture(cast("str | int", address), backend, list(parameters))
    try:
        if not capture.isOpened():
            raise SourceError(f"{name}: can't be opened")
        opened = VideoCapture(capture)
        width, height = opened.size
        if width * height > pixel_limit:
            raise SourceError(f"{name}: {width}x{height}, allowed {pixel_limit} pixels")
        yield opened
    finally:
        capture.release()
