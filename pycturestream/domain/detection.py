"""Detections: the objects that a model finds in a picture."""

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.geometry import BoundingBox

BOX_DECIMALS = 4
"""A ten-thousandth of a picture's side: less than a pixel up to 8K."""
SCORE_DECIMALS = 3
PERSON = "person"
"""The label of people, in COCO and in models that follow it."""
FACE = "face"
"""The label of what the face model finds. A face is a part of a person, and no object beside it:
whatever does not name it takes no notice of it."""


class Detection(Struct, frozen=True):
    """One object that a model found; score in 0..1."""

    label: str
    score: float
    box: BoundingBox
    weak: bool = False
    """Below the threshold: it only continues the track of an object that was detected before."""

    def rounded(self) -> "Detection":
        """Return it as records contain it, so that what is judged can be read back from the log."""
        box = self.box
        sides = (round(side, BOX_DECIMALS) for side in (box.x_min, box.y_min, box.x_max, box.y_max))
        return replace(self, score=round(self.score, SCORE_DECIMALS), box=BoundingBox(*sides))
