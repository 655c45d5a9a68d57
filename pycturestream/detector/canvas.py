"""The size of the pictures that a model takes."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Canvas:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def parse_canvas(text: str) -> Canvas:
    """Return the canvas of a text such as `512x384`, width first; ValueError otherwise."""
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if match is None:
        raise ValueError(f"not a size such as 512x384: {text}")
    return Canvas(int(match[1]), int(match[2]))
