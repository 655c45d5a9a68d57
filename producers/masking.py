"""Privacy masks: parts of a picture that are blackened before anything else processes it.

What is under a mask is gone before the picture is scaled or encoded, so that neither the
encoder's noise nor scaling can carry any of it over a mask's edge.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from producers.picture import Pixels
from pycturestream.domain.cameras.camera import Zone
from pycturestream.domain.geometry import area_of, fault_of
from pycturestream.errors import DataError

_MARGIN = 1 / 200
"""Share of the longer side by which a mask is enlarged, so that it is still black at its edge
where scaling or the encoder mixes neighbouring pixels."""
_MIN_MARGIN = 2
"""Pixels; more than rounding a corner can lose."""
_CHECK_SIDE = 1_000
"""Pixels of the square on which each mask is checked once."""


class MaskError(DataError):
    """A mask can't be relied on; the message is one line."""


class Masking:
    """The masks of one camera, for pictures of any size."""

    def __init__(self, masks: Sequence[Zone]) -> None:
        """Raise MaskError for a mask that would hide nothing, or not what was meant."""
        for mask in masks:
            if not all(0 <= value <= 1 for corner in mask.polygon for value in corner):
                raise MaskError(f"mask {mask.name}: must lie within 0..1")
            if fault := fault_of(mask.polygon):
                raise MaskError(f"mask {mask.name}: {fault}")
            if not _covers_its_area(mask):
                raise MaskError(f"mask {mask.name}: must not go round twice")
        self._masks = tuple(masks)
        self._visible = np.empty((0, 0), np.uint8)

    def __bool__(self) -> bool:
        return bool(self._masks)

    def apply(self, pixels: Pixels) -> Pixels:
        """Return the picture with its masked parts black; the original stays as it is."""
        if not self._masks:
            return pixels
        visible = self.visible(pixels)
        return np.asarray(cv2.bitwise_and(pixels, pixels, mask=visible), np.uint8)

    def visible(self, pixels: Pixels) -> Pixels:
        """Return 255 for each pixel of such a picture that no mask covers, 0 for the others.

        The array has the height and width of the picture.
        """
        if self._visible.shape != pixels.shape[:2]:  # most pictures have the size of the last
            self._visible = self._draw(*pixels.shape[:2])
        return self._visible

    def _draw(self, height: int, width: int) -> Pixels:
        margin = max(_MIN_MARGIN, round(max(width, height) * _MARGIN))
        # A mask on the edge, or rounded over it, must reach into the picture.
        covered = draw(self._masks, height, width, around=margin)
        kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
        visible = cv2.bitwise_not(cv2.dilate(covered, kernel))
        return np.asarray(visible[margin:-margin, margin:-margin], np.uint8)


def _covers_its_area(mask: Zone) -> bool:
    """Whether as much is drawn as the corners surround: a second check after `fault_of`.

    What they surround twice counts twice in their area, but is not drawn at all.
    """
    drawn = cv2.countNonZero(draw([mask], _CHECK_SIDE, _CHECK_SIDE, around=1))
    corners = np.array(mask.polygon)
    border = float(np.hypot(*(corners - np.roll(corners, 1, axis=0)).T).sum())
    # Rounding the corners moves each piece of the border by less than a pixel.
    return drawn >= area_of(mask.polygon) * _CHECK_SIDE**2 - border * _CHECK_SIDE


def draw(zones: Sequence[Zone], height: int, width: int, *, around: int = 0) -> Pixels:
    """Return 255 for each pixel of a picture that one of the zones covers, 0 for the others.

    The array is larger than the picture by `around` pixels on each side.
    """
    drawn = np.zeros((height + 2 * around, width + 2 * around), np.uint8)
    for zone in zones:
        corners = np.array(zone.polygon) * (width, height)
        # OpenCV puts a pixel at its middle, normalised coordinates at its edge.
        cv2.fillPoly(drawn, [np.round(corners - 0.5 + around).astype(np.int32)], 255)
    return drawn
