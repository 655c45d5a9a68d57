"""What a model says about a picture."""

from dataclasses import dataclass

from pycturestream.geometry import BoundingBox


@dataclass(frozen=True, slots=True)
class Detection:
    """One object that a model found; score in 0..1."""

    label: str
    score: float
    box: BoundingBox
