"""Where a head is, if a face was found, or a person.

All boxes are 0..1 of their picture, before and after.
"""

from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox

HEAD_SHARE = 1 / 3
"""Of a person's height, from the top: twice what a standing person's head takes, for those who sit,
bend or wear a hat."""
HEAD_BY_WIDTH = 0.65
"""At least so much of a person's width: who lies, or is cut off by the edge of the picture below
the chest, has a head that takes more than a third of the box. Of a box that is wider than high, all
is covered."""
BESIDE, ABOVE = 0.15, 0.1
"""Shares of the box's width and height that are added: boxes of people who hide each other are
off by as much."""

FACE_BESIDE, FACE_ABOVE, FACE_BELOW = 0.5, 0.6, 0.2
"""Shares of a face's width and height that are added: for ears, hair and chin, and for the back of
the head behind a profile."""


def head_of_person(person: BoundingBox, picture: Size) -> BoundingBox:
    """Return the part of a person's box that the head is in, widened."""
    # In pixels: a box that is as wide as high in a picture may not be so in 0..1.
    by_width = HEAD_BY_WIDTH * person.width * picture.width / picture.height
    height = max(HEAD_SHARE * person.height, min(by_width, person.height))
    if person.width * picture.width >= person.height * picture.height:
        height = person.height
    return BoundingBox(
        person.x_min - BESIDE * person.width,
        person.y_min - ABOVE * person.height,
        person.x_max + BESIDE * person.width,
        person.y_min + height,
    )


def head_of_face(face: BoundingBox) -> BoundingBox:
    """Return the region of the head that a face belongs to."""
    return BoundingBox(
        face.x_min - FACE_BESIDE * face.width,
        face.y_min - FACE_ABOVE * face.height,
        face.x_max + FACE_BESIDE * face.width,
        face.y_max + FACE_BELOW * face.height,
    )
