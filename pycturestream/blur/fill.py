"""Covers regions of a picture, so that nothing of what they showed remains."""

from collections.abc import Iterable
from math import ceil, floor

from pycturestream.domain.geometry import BoundingBox
from pycturestream.pixels import Pixels

GREY = 128
"""The value of each pixel in a region, in all three colours.

A picture with smoothed or pixelated faces still holds something of them: enough, in experiments, to
tell by a trained network whose they are (McPherson et al. 2016, "Defeating image obfuscation with
deep learning"). A constant holds nothing, whatever is tried, and regions may overlap and come in
any order.
"""


def blurred(pixels: Pixels, regions: Iterable[BoundingBox]) -> Pixels:
    """Return a copy whose pixels in the regions are grey; a pixel that is touched counts as in.

    Regions are 0..1 of the picture; what is beyond its edges is ignored.
    """
    height, width = pixels.shape[:2]
    covered = pixels.copy()
    for region in regions:
        left, right = max(0, floor(region.x_min * width)), max(0, ceil(region.x_max * width))
        top, bottom = max(0, floor(region.y_min * height)), max(0, ceil(region.y_max * height))
        covered[top:bottom, left:right] = GREY
    return covered
