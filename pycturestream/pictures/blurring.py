"""Blurs pixels, with the face model that a process loads once, when it needs it first."""

from collections.abc import Iterable
from functools import cache
from threading import Lock

from pycturestream.blur.faces import FaceFinder
from pycturestream.blur.people import BlurredPicture, blur_people
from pycturestream.domain.geometry import BoundingBox
from pycturestream.pixels import Pixels

_loading = Lock()


def blur(pixels: Pixels, people: Iterable[BoundingBox]) -> BlurredPicture:
    """Cover the heads of these people, 0..1 of the picture, and of all faces that are found.

    Raises FaceModelError, and whatever else is wrong: who asked has no picture then.
    """
    with _loading:  # several threads may ask first
        finder = _face_finder()
    return blur_people(pixels, finder, people)


@cache
def _face_finder() -> FaceFinder:
    return FaceFinder()
