"""How a picture is, whatever it shows: its light, its sharpness, its coarse pattern."""

from math import log

from msgspec import Struct

COLUMNS, ROWS = 16, 12
"""Cells of a thumbnail: a person who passes covers some of them, a hand before the lens all."""
BLACK = 0
"""The shade of a cell that is black, or masked: there is nothing to be seen in it."""
SHADES = 254
"""All other shades, from 1 on."""
DARKEST = 16.0
"""Grey levels, added before the logarithm: below it a camera shows noise and not what is there."""
_SHADES_PER_UNIT = SHADES / log((255 + DARKEST) / DARKEST)


class PictureMeasure(Struct, frozen=True):
    """What is measured of one picture, without those parts of it that are black."""

    brightness: float
    """Mean of the grey levels, 0..1."""
    contrast: float
    """Their standard deviation, 0..1."""
    sharpness: float
    """Standard deviation of the Laplacian by that of the grey levels, which a picture keeps when
    its light changes; of a small picture of one size, so that the camera's does not matter."""
    thumbnail: bytes
    """A shade for each of ROWS x COLUMNS cells, row by row from the top left."""


def shade_of(grey: float) -> int:
    """Return the shade of a grey level, 0..255: equal steps are equal factors of the light."""
    return 1 + round(_SHADES_PER_UNIT * log((grey + DARKEST) / DARKEST))
