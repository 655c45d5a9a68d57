"""The size of the pictures that a model takes: one size, or fitted to each picture's shape."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from pycturestream.domain.frames.jpeg import Size

AREA_TOLERANCE = 1.03
"""How much a fitted canvas may exceed its area. Sides come in steps; without it the usual shapes
would lose a step, and far more of their scale."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height

    @property
    def byte_size(self) -> int:
        """Bytes of a picture on it: three a pixel."""
        return 3 * self.area

    @property
    def largest_area(self) -> int:
        """Pixels; as FittedCanvas has it."""
        return self.area

    def fit(self, size: Size) -> "Canvas":  # noqa: ARG002
        """Return this canvas, whatever the size of the picture."""
        return self


@dataclass(frozen=True, slots=True)
class FittedCanvas:
    """Canvases of about one area, each of the shape that shows its picture largest."""

    area: int
    """Pixels."""
    step: int
    """All sides are multiples of it."""

    def __str__(self) -> str:
        return f"{self.area}/{self.step}"

    @property
    def largest_area(self) -> int:
        """Pixels that a canvas may have."""
        return max(self.step**2, int(AREA_TOLERANCE * self.area))

    def fit(self, size: Size) -> Canvas:
        """Return the canvas that scales a picture most; of equal ones the smallest."""
        return _fit(self, size)


Canvases = Canvas | FittedCanvas
"""What a model takes."""


@lru_cache(maxsize=1024)  # senders choose their sizes: a bound is needed
def _fit(canvas: FittedCanvas, size: Size) -> Canvas:
    limit = canvas.largest_area // canvas.step**2

    def rank(columns: int) -> tuple[float, int, Canvas]:
        # Higher than the picture is at this width would be margin.
        rows = min(limit // columns, ceil(columns * size.height / size.width))
        fitted = Canvas(columns * canvas.step, rows * canvas.step)
        return scale_to_fit(size, fitted), -fitted.area, fitted

    return max(map(rank, range(1, limit + 1)), key=lambda ranked: ranked[:2])[2]


def scale_to_fit(size: Size, canvas: Canvas) -> float:
    """Return the factor that scales a picture to the largest size that fits the canvas."""
    return min(canvas.width / size.width, canvas.height / size.height)


def parse_canvas(text: str) -> Canvas:
    """Return the canvas of a text such as `512x384`, width first; ValueError otherwise."""
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if match is None:
        raise ValueError(f"not a size such as 512x384: {text}")
    return Canvas(int(match[1]), int(match[2]))


def parse_canvases(text: str) -> Canvases:
    """Return what `str` made a text of; ValueError otherwise."""
    match = re.fullmatch(r"([1-9]\d{0,7})/([1-9]\d{0,3})", text)
    return parse_canvas(text) if match is None else FittedCanvas(int(match[1]), int(match[2]))
