"""OpenCV's video capture with types, and silent: what fails is told once, by our own words."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite

import cv2
import numpy as np

from producers.clock import Clock
from producers.picture import Picture, Pixels, SourceError

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet, in FFmpeg's own numbers


class VideoCapture:
    """An open file, device or stream."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture

    @property
    def fps(self) -> float | None:
        """The rate that a file claims; None for a claim that can't be true."""
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        return fps if isfinite(fps) and 0 < fps <= 1000 else None

    def grab(self) -> bool:
        """Take the next picture off the source without converting it; False at the end."""
        return bool(self._capture.grab())

    def retrieve(self) -> Pixels | None:
        """Return the picture that was grabbed, or None where it is damaged."""
        found, pixels = self._capture.retrieve()
        return np.asarray(pixels, np.uint8) if found else None

    def read(self) -> Pixels | None:
        """Return the next picture, or None at the end."""
        return self.retrieve() if self.grab() else None


@contextmanager
def open_capture(
    address: str | int, name: str, *, parameters: Sequence[int] = (), backend: int = cv2.CAP_ANY
) -> Iterator[VideoCapture]:
    """Open a capture, and release it at the end.

    `parameters` are pairs of OpenCV properties and values. Raises SourceError with `name`.
    """
    capture = cv2.VideoCapture(address, backend, list(parameters))
    try:
        if not capture.isOpened():
            raise SourceError(f"{name}: can't be opened")
        yield VideoCapture(capture)
    finally:
        capture.release()


def watch(capture: VideoCapture, fps: float, clock: Clock, origin: str) -> Iterator[Picture]:
    """Yield the newest picture at most `fps` times a second, until the capture ends.

    Every picture is taken off the source as it comes, so that its buffer never grows old.
    A picture counts as due half an interval early: cameras are not exact, and one that is
    asked for its own rate must not lose every second picture to that.
    """
    interval = 1 / fps
    due = clock.seconds()
    while not clock.stopped and capture.grab():
        at = clock.now()
        now = clock.seconds()
        if now < due - interval / 2:
            continue
        pixels = capture.retrieve()
        if pixels is not None:
            yield Picture(pixels, at, origin)
            due = max(due, now) + interval
