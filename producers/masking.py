"""Privacy masks: parts of a picture that are black before anything else sees it.

What lies under a mask is gone before the picture is made smaller or encoded, so that neither
the encoder's noise nor a smaller size can carry any of it over a mask's edge.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from producers.picture import Pixels
from pycturestream.domain.cameras.camera import Zone
from pycturestream.domain.geometry import area_of, fault_of
from pycturestream.errors import DataError

_MARGIN = 1 / 200
"""Of the longer side. A mask reaches this much further, so that it is still black at its edge
where a smaller size or the encoder mixes neighbouring pixels."""
_MARGIN_MINIMUM = 2
"""Pixels; more than rounding a corner can leave out."""
_TRIAL_SIDE = 1_000
"""Pixels of the square on which each mask is tried once."""


class MaskError(DataError):
    """Masks that can't be relied on; the message is one line."""


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
        self._seen = np.empty((0, 0), np.uint8)

    def __bool__(self) -> bool:
        return bool(self._masks)

    def apply(self, pixels: Pixels) -> Pixels:
        """Return the picture with its masked parts black; the original stays as it is."""
        if not self._masks:
            return pixels
        seen = self.seen(pixels)
        return np.asarray(cv2.bitwise_and(pixels, pixels, mask=seen), np.uint8)

    def seen(self, pixels: Pixels) -> Pixels:
        """Return 255 for each pixel of such a picture that no mask covers, 0 for the others."""
        if self._seen.shape != pixels.shape[:2]:  # the usual picture has the size of the last
            self._seen = self._draw(*pixels.shape[:2])
        return self._seen

    def _draw(self, height: int, width: int) -> Pixels:
        margin = max(_MARGIN_MINIMUM, round(max(width, height) * _MARGIN))
        # What is drawn on the edge, or rounded over it, must reach into the picture.
        covered = draw(self._masks, height, width, around=margin)
        kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
        seen = cv2.bitwise_not(cv2.dilate(covered, kernel))
        return np.asarray(seen[margin:-margin, margin:-margin], np.uint8)


def _covers_its_area(mask: Zone) -> bool:
    """Whether as much is drawn as the corners surround: a second lock behind `fault_of`.

    What they surround twice counts twice in their area, but is not drawn at all.
    """
    drawn = cv2.countNonZero(draw([mask], _TRIAL_SIDE, _TRIAL_SIDE, around=1))
    corners = np.array(mask.polygon)
    border = float(np.hypot(*(corners - np.roll(corners, 1, axis=0)).T).sum())
    # Rounding the corners moves each piece of the border by less than a pixel.
    return drawn >= area_of(mask.polygon) * _TRIAL_SIDE**2 - border * _TRIAL_SIDE


def draw(zones: Sequence[Zone], height: int, width: int, *, around: int = 0) -> Pixels:
    """Return 255 for each pixel of a picture that one of the zones covers, 0 for the others.

    With so many pixels more `around` it.
    """
    drawn = np.zeros((height + 2 * around, width + 2 * around), np.uint8)
    for zone in zones:
        corners = np.array(zone.polygon) * (width, height)
        # A pixel's place is its middle for OpenCV, its edge in normalised coordinates.
        cv2.fillPoly(drawn, [np.round(corners - 0.5 + around).astype(np.int32)], 255)
    return drawn
