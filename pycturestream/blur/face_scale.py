"""How large the face model sees a picture. Apart from the model: whoever decodes needs no more."""

from math import sqrt

from pycturestream.domain.frames.jpeg import Size

AREA = 768 * 576
"""Pixels that the network sees of a picture, which is scaled to it: so all take equally long."""
LARGEST_SCALE = 2.0
"""Of a small picture: larger, it would show nothing more."""


def face_scale(size: Size) -> float:
    """Return the factor by which a picture is scaled for the face model."""
    return min(LARGEST_SCALE, sqrt(AREA / (size.height * size.width)))
