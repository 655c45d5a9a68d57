"""Where a text goes: beside what it names, inside the picture, and not over other texts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Area(NamedTuple):
    """An upright rectangle in pixels; right and bottom are not part of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def overlap(self, other: "Area") -> int:
        """Return the number of pixels that both have."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)


def place(width: int, height: int, named: Area, picture: Area, taken: Sequence[Area]) -> Area:
    """Return where a text of this size goes that names an area.

    Always inside the picture, if it fits into it; of the places around and in the area, the first
    that covers no text, or else the one that covers the least.
    """
    areas = [
        _inside(Area(left, top, left + width, top + height), picture)
        for left, top in _corners(width, height, named)
    ]
    return min(areas, key=lambda area: sum(area.overlap(other) for other in taken))


def _corners(width: int, height: int, named: Area) -> Iterator[tuple[int, int]]:
    """Yield where the text's top left corner may be, the best first."""
    left, right = named.left, named.right - width
    above, below = named.top - height, named.bottom
    yield left, above
    yield right, above
    yield left, below
    yield right, below
    yield left, named.top
    yield left, named.bottom - height
    yield named.right, named.top
    yield named.left - width, named.top
    yield left, above - height
    yield left, below + height


def _inside(area: Area, picture: Area) -> Area:
    left = max(picture.left, min(area.left, picture.right - area.width))
    top = max(picture.top, min(area.top, picture.bottom - area.height))
    return Area(left, top, left + area.width, top + area.height)
