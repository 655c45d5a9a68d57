"""The measures of a picture, whatever it shows: its light, its sharpness, its coarse pattern."""

from math import log
from typing import Literal

from msgspec import Struct

COLUMNS, ROWS = 16, 12
"""Cells of a thumbnail: a person who passes covers some, a hand in front of the lens all."""
BLACK = 0
"""The shade of a cell that is black or masked: nothing can be seen in it."""
SHADES = 254
"""All other shades, from 1 on."""
DARKEST = 16.0
"""Grey levels, added before the logarithm: below it a camera shows only noise."""
DARK_BELOW = 0.05
"""Brightness: a tenth of daylight's, as the clips in `samples/` measure it."""
PLAIN_BELOW = 0.04
"""Contrast: a bag or a hand in front of the lens has about .035, the clips .19."""
BLURRED_BELOW = 0.1
"""Sharpness: what shows no more than shapes, as blurred by an eighth of its width; the clips have
.36 and more."""
_SHADES_PER_UNIT = SHADES / log((255 + DARKEST) / DARKEST)


PictureFault = Literal["", "dark", "blurred", "covered"]
"""Why nothing can be seen in a picture, if nothing can."""


class PictureMeasure(Struct, frozen=True, omit_defaults=True):
    """The measures of one picture, without its black parts."""

    brightness: float
    """Mean of the grey levels, 0..1."""
    contrast: float
    """Their standard deviation, 0..1."""
    sharpness: float
    """Standard deviation of the Laplacian divided by that of the grey levels, which does not change
    with the light; of a small picture of fixed size, so that the camera's size does not matter."""
    thumbnail: bytes = b""
    """A shade for each of ROWS x COLUMNS cells, row by row from the top left. Empty in records: it
    is next to no picture, but a picture, and is forgotten with the frame."""


def fault_of(measure: PictureMeasure) -> PictureFault:
    """Return why nothing can be seen in a picture, by itself: a hand-held camera has no usual view.

    (`view_baseline` compares the pictures of a camera that stays where it is.)
    """
    if measure.brightness < DARK_BELOW:
        return "dark"
    if measure.contrast < PLAIN_BELOW:
        return "covered"
    return "blurred" if measure.sharpness < BLURRED_BELOW else ""


def shade_of(grey: float) -> int:
    """Return the shade of a grey level, 0..255: equal steps are equal factors of the light."""
    return 1 + round(_SHADES_PER_UNIT * log((grey + DARKEST) / DARKEST))
