"""JPEG that fits: first less quality, then fewer pixels."""

from dataclasses import dataclass

import cv2
import numpy as np

from producers.picture import Pixels, decode
from pycturestream.config.settings import Settings
from pycturestream.errors import DataError

_QUALITIES = (85, 75, 65, 55)
"""Below 55 blocks are visible, and fewer pixels serve a detector better than blocks."""
_SHRINK = 0.75
_MAX_SIDE = 65_500
"""The longest side of a JPEG in pixels, by libjpeg's own limit."""
_ROOM = 0.7
"""Share of the budget. The next better step makes at most 1.4 times the bytes: a picture that
takes less than this would fit there as well."""


class TooLargeError(DataError):
    """A picture can't be made to fit in a message."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The limits of a picture; see the settings of the same names."""

    byte_budget: int
    """Aimed at."""
    byte_limit: int
    """Never exceeded."""
    pixel_limit: int
    side_minimum: int
    """Pixels of the shorter side, below which pictures are not scaled."""

    @classmethod
    def of(cls, settings: Settings) -> "Fit":
        return cls(
            settings.frame_byte_budget,
            settings.message_byte_limit,
            settings.picture_pixel_limit,
            settings.picture_side_minimum,
        )


class Encoder:
    """Encodes the pictures of one camera.

    It begins at the step where the last picture fitted, so that pictures that are always too
    large at first are encoded once, not at every step down to one that fits.
    """

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        self._step = 0
        """Index into `_QUALITIES`, continued for each smaller size."""

    def encode(self, content: Pixels | bytes, *, keep_size: bool = False) -> bytes:
        """Return the picture as JPEG bytes.

        A file's bytes stay as they are within the budget; those that can't be decoded do within
        the limit. With `keep_size` the picture keeps its size, and may exceed the budget. Raises
        TooLargeError.
        """
        if isinstance(content, bytes):
            if len(content) <= self._fit.byte_budget:
                return content
            pixels = decode(content, self._fit.pixel_limit)
            if pixels is None:
                return self._within_limit(content)
            content = pixels
        last_step = len(_QUALITIES) - 1 if keep_size else self._last_step(content)
        return self._within_limit(self._search(content, last_step))

    def _search(self, pixels: Pixels, last_step: int) -> bytes:
        """Go down until the picture fits, or up while a better one fits too."""
        self._step = min(self._step, last_step)
        jpeg = self._at(self._step, pixels)
        if len(jpeg) > self._fit.byte_budget:
            while len(jpeg) > self._fit.byte_budget and self._step < last_step:
                self._step += 1
                jpeg = self._at(self._step, pixels)
            return jpeg
        while self._step and len(jpeg) <= _ROOM * self._fit.byte_budget:
            better = self._at(self._step - 1, pixels)
            if len(better) > self._fit.byte_budget:
                break
            self._step, jpeg = self._step - 1, better
        return jpeg

    def _last_step(self, pixels: Pixels) -> int:
        """Return the step with the least quality and the smallest size that is allowed."""
        size, side = 0, min(pixels.shape[:2])
        while side * _SHRINK ** (size + 1) >= self._fit.side_minimum:
            size += 1
        return (size + 1) * len(_QUALITIES) - 1

    def _at(self, step: int, pixels: Pixels) -> bytes:
        size, quality = divmod(step, len(_QUALITIES))
        return to_jpeg(_shrink(pixels, _SHRINK**size) if size else pixels, _QUALITIES[quality])

    def _within_limit(self, jpeg: bytes) -> bytes:
        if len(jpeg) > self._fit.byte_limit:
            raise TooLargeError(f"{len(jpeg)} bytes, allowed {self._fit.byte_limit}")
        return jpeg


def to_jpeg(pixels: Pixels, quality: int = _QUALITIES[0]) -> bytes:
    """Return the picture in its own size, as JPEG of any length. Raises TooLargeError."""
    height, width = pixels.shape[:2]
    if max(height, width) > _MAX_SIDE:
        raise TooLargeError(f"{width}x{height} can't be a JPEG")
    is_written, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not is_written:
        raise TooLargeError(f"{width}x{height} was not encoded")
    return bytes(data)


def _shrink(pixels: Pixels, scale: float) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
