"""Places in a picture, in normalised coordinates: 0..1, origin top left, x before y."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

Point = tuple[float, float]

SECTORS = (
    ("top left", "top center", "top right"),
    ("middle left", "center", "middle right"),
    ("bottom left", "bottom center", "bottom right"),
)
"""The 3x3 sectors of a picture, row by row."""

AREA_MINIMUM = 1e-6
"""A polygon of less holds nothing: one pixel of 1280x720."""


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """An upright rectangle; the minimum corner is the top left one."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def width(self) -> float:
        return self.x_max - self.x_min

    @property
    def height(self) -> float:
        return self.y_max - self.y_min

    @property
    def area(self) -> float:
        return max(self.width, 0.0) * max(self.height, 0.0)

    @property
    def center(self) -> Point:
        return (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2

    @property
    def foot(self) -> Point:
        """The bottom centre: where a thing that stands on the ground stands."""
        return (self.x_min + self.x_max) / 2, self.y_max

    def moved(self, dx: float, dy: float) -> "BoundingBox":
        return BoundingBox(self.x_min + dx, self.y_min + dy, self.x_max + dx, self.y_max + dy)

    def iou(self, other: "BoundingBox") -> float:
        """Return intersection over union, 0..1."""
        width = min(self.x_max, other.x_max) - max(self.x_min, other.x_min)
        height = min(self.y_max, other.y_max) - max(self.y_min, other.y_min)
        if width <= 0 or height <= 0:
            return 0.0
        intersection = width * height
        return intersection / (self.area + other.area - intersection)


def sector(point: Point) -> str:
    """Return the name of the sector that a point lies in."""
    column, row = (min(max(int(coordinate * 3), 0), 2) for coordinate in point)
    return SECTORS[row][column]


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point lies in a polygon, by the even-odd rule.

    A ray to the right crosses the border an odd number of times from inside
    (Shimrat 1962, "Algorithm 112: Position of point relative to polygon").
    """
    x, y = point
    inside = False
    previous_x, previous_y = polygon[-1]
    for corner_x, corner_y in polygon:
        if (corner_y > y) != (previous_y > y):
            slope = (previous_x - corner_x) / (previous_y - corner_y)
            if x < corner_x + slope * (y - corner_y):
                inside = not inside
        previous_x, previous_y = corner_x, corner_y
    return inside


def fault_of(polygon: Sequence[Point]) -> str | None:
    """Return why corners make no polygon with a clear inside, or None for a good one."""
    if len(set(polygon)) < 3:
        return "must have at least 3 corners"
    edges = list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))
    if any(_cross(*pair) for pair in combinations(edges, 2)):
        return "must not cross itself"
    if abs(sum(_turn((0, 0), *edge) for edge in edges)) / 2 < AREA_MINIMUM:
        return "must have an area"
    return None


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two edges pass through each other; touching is no crossing."""
    return (
        _turn(*one, other[0]) * _turn(*one, other[1]) < 0
        and _turn(*other, one[0]) * _turn(*other, one[1]) < 0
    )


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return twice the signed area of a triangle; its sign says on which side of ab c lies."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
