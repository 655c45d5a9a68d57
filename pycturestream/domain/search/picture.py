"""A picture as far as a search needs it, made of its detections record."""

from msgspec import Struct

from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis

SIDE_DIGITS = 4
"""Sides of boxes and scores are compared to so many digits after the point, as records have
them ..."""
SIZE_DIGITS = 6
"""... and sizes to so many."""


class SearchedObject(Struct, frozen=True):
    """An object in a picture."""

    label: str
    score: float
    box: BoundingBox
    track_id: str
    sector: str
    zones: tuple[str, ...]

    @property
    def size(self) -> float:
        return size_of(self.box)


class SearchedPicture(Struct, frozen=True, kw_only=True):
    """What one model found in one picture."""

    id: str
    run: str
    camera_id: str
    site: str
    captured_at: Millis
    weekday: int
    """ISO, by the camera's clock: 1 is Monday."""
    hour: int
    """By the camera's clock."""
    objects: tuple[SearchedObject, ...]
    levels: tuple[int, ...]
    """Of the alerts about its objects."""

    @property
    def counts(self) -> dict[str, int]:
        """How many objects of each label it shows."""
        counts: dict[str, int] = {}
        for each in self.objects:
            counts[each.label] = counts.get(each.label, 0) + 1
        return counts


def size_of(box: BoundingBox) -> float:
    """Return the share of the picture that a box takes, 0..1."""
    return round(box.area, SIZE_DIGITS)
