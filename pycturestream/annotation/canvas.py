"""Lines and texts that can be seen on any background.

A line has a white edge inside a black one. Whatever is behind it, one of the two has a contrast
above 3, which lines need (WCAG 2.2, 1.4.11): 4.58 where smoothing takes nothing. The colour between
them is seen on its own white. A text stands on a plate.
"""

from collections.abc import Sequence
from functools import cache
from math import ceil, hypot, sqrt
from typing import Any, Final

import cv2
import numpy as np

from pycturestream.annotation.colours import BLACK, WHITE, Colour, text_on
from pycturestream.annotation.placement import Area, place
from pycturestream.pixels import Pixels

Spot = tuple[int, int]
"""x and y in pixels."""

TEXT_SHARE: Final = 0.021
"""Height of a text, as a share of the side of a square as large as the picture: 14 pixels in
768x576, where 20 people still have room for theirs."""
SMALLEST_TEXT, LARGEST_TEXT = 13, 48
"""Pixels. Below, letters can't be told apart; above, they only cover more."""
SMALLEST_SIDE: Final = 480
"""Of that square: smaller pictures are enlarged, since such a text would cover half of them."""
LARGEST_SCALE: Final = 4
TEXT_LIMIT: Final = 48
"""Characters: names of zones and labels are of any length."""
_WEIGHT = 600
"""Of letters, 100..900; 400 is usual in books."""


class Canvas:
    """A copy of a picture that is drawn on: first lines, then texts."""

    def __init__(self, pixels: Pixels) -> None:
        """Copy a picture; one that is too small for texts is enlarged."""
        side = sqrt(pixels.shape[0] * pixels.shape[1])
        scale = min(ceil(SMALLEST_SIDE / side), LARGEST_SCALE)
        if scale > 1:
            self.pixels = np.asarray(
                cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR),
                np.uint8,
            )
        else:
            self.pixels = pixels.copy()
        self.height, self.width = self.pixels.shape[:2]
        share = TEXT_SHARE * sqrt(self.height * self.width)
        self.text_height = round(min(max(share, SMALLEST_TEXT), LARGEST_TEXT))
        self.line_width = max(2, round(self.text_height / 7))
        self._taken: list[Area] = []

    @property
    def area(self) -> Area:
        return Area(0, 0, self.width, self.height)

    def spot(self, x: float, y: float) -> Spot:
        """Return the pixel of a point, 0..1 of the picture; one at the edge is inside."""
        return (
            min(max(round(x * self.width), 0), self.width - 1),
            min(max(round(y * self.height), 0), self.height - 1),
        )

    def draw_lines(
        self, lines: Sequence[Sequence[Spot]], colour: Colour, *, width: int, closed: bool = False
    ) -> None:
        """Draw lines through these points, of the width of the coloured part."""
        points = [np.array(line, np.int32).reshape(-1, 1, 2) for line in lines if line]
        edge = max(1, width // 3)
        for shade, extra in ((BLACK, 4 * edge), (WHITE, 2 * edge), (colour, 0)):
            cv2.polylines(self.pixels, points, closed, shade, width + extra, cv2.LINE_AA)

    def draw_hairlines(self, lines: Sequence[Sequence[Spot]]) -> None:
        """Draw the thinnest lines that can be seen anywhere: white in black."""
        points = [np.array(line, np.int32).reshape(-1, 1, 2) for line in lines]
        width = max(1, self.text_height // 16)
        for shade, each in ((BLACK, 3 * width), (WHITE, width)):
            cv2.polylines(self.pixels, points, False, shade, each)  # noqa: FBT003 - not closed

    def draw_dashes(self, corners: Sequence[Spot], colour: Colour, *, width: int) -> None:
        """Draw a closed line of dashes."""
        length = 2 * self.text_height
        dashes = [
            dash
            for start, end in zip(corners, (*corners[1:], *corners[:1]), strict=True)
            for dash in _dashes(start, end, length)
        ]
        self.draw_lines(dashes, colour, width=width)

    def draw_arrow(self, start: Spot, end: Spot, colour: Colour, *, width: int) -> None:
        """Draw an arrow that points to its end."""
        (x, y), (to_x, to_y) = start, end
        back_x, back_y = (x - to_x) / 2, (y - to_y) / 2
        head = [
            (round(to_x + back_x - side * back_y), round(to_y + back_y + side * back_x))
            for side in (1, -1)
        ]
        self.draw_lines([(start, end), (head[0], end, head[1])], colour, width=width)

    def write(self, text: str, named: Area, colour: Colour) -> Area:
        """Write a text on a plate of this colour beside what it names; return the plate."""
        text = shown(text)
        padding = self.text_height // 3
        left, top, across, down = self._extent(text)
        _, line_top, _, line_down = self._extent("Äg|")
        top, down = min(top, line_top), max(top + down, line_top + line_down) - min(top, line_top)
        plate = place(across + 2 * padding, down + 2 * padding, named, self.area, self._taken)
        self._taken.append(plate)
        corner, opposite = plate[:2], (plate.right - 1, plate.bottom - 1)
        cv2.rectangle(self.pixels, corner, opposite, colour, cv2.FILLED)
        cv2.rectangle(self.pixels, corner, opposite, text_on(colour), 1)
        origin = plate.left + padding - left, plate.top + padding - top
        cv2.putText(self.pixels, text, origin, text_on(colour), _font(), self.text_height, _WEIGHT)
        return plate

    def _extent(self, text: str) -> tuple[int, int, int, int]:
        """Return left, top, width and height of a text that begins at 0, 0."""
        size = self.width, self.height
        extent = cv2.getTextSize(size, text, (0, 0), _font(), self.text_height, _WEIGHT)
        left, top, across, down = (int(each) for each in extent)
        return left, top, across, down


def shown(text: str) -> str:
    """Return a name as it can be written: in one line, and not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= TEXT_LIMIT else line[: TEXT_LIMIT - 1] + "…"


def _dashes(start: Spot, end: Spot, length: int) -> list[tuple[Spot, Spot]]:
    """Return an odd number of pieces from start to end of which every second one is left out."""
    (x, y), (to_x, to_y) = start, end
    pieces = 2 * max(1, round(hypot(to_x - x, to_y - y) / length)) + 1
    cuts = [
        (round(x + (to_x - x) * cut / pieces), round(y + (to_y - y) * cut / pieces))
        for cut in range(pieces + 1)
    ]
    return [(cuts[cut], cuts[cut + 1]) for cut in range(0, pieces, 2)]


@cache
def _font() -> Any:
    return cv2.FontFace("sans")  # part of OpenCV, with the letters of most languages
