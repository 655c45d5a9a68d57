"""Geometry in a picture, in normalised coordinates: 0..1, origin top left, x before y."""

from collections.abc import Sequence
from itertools import combinations
from math import dist, hypot

from msgspec import Struct

Point = tuple[float, float]
Edge = tuple[Point, Point]
"""A straight path from one point to another."""

SECTORS = (
    ("top left", "top center", "top right"),
    ("middle left", "center", "middle right"),
    ("bottom left", "bottom center", "bottom right"),
)
"""The 3x3 sectors of a picture, row by row."""
SECTOR_CENTERS = {
    name: ((column + 0.5) / 3, (row + 0.5) / 3)
    for row, names in enumerate(SECTORS)
    for column, name in enumerate(names)
}

MIN_AREA = 1e-6
"""A polygon of less holds nothing: one pixel of 1280x720."""
MIN_LENGTH = 1e-3
"""A line of less can't be crossed: one pixel of 1280x720."""
BEYOND = 1 + 1e-6
"""Farther than 1 by more than any rounding error."""
THINNEST = 1e-4
"""Boxes are rounded to ten-thousandths of the picture: each counts as at least that large."""
CORNER_LIMIT = 200
"""Corners of a polygon. Each edge is compared with every other one, wherever settings are read: 200
take some 20 ms, ten times as many 2 s."""


class BoundingBox(Struct, frozen=True):
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
    def bottom_center(self) -> Point:
        """The bottom center: where an object on the ground stands."""
        return (self.x_min + self.x_max) / 2, self.y_max

    def moved(self, dx: float, dy: float) -> "BoundingBox":
        return BoundingBox(self.x_min + dx, self.y_min + dy, self.x_max + dx, self.y_max + dy)

    def iou(self, other: "BoundingBox") -> float:
        """Return intersection over union, 0..1."""
        width = min(self.x_max, other.x_max) - max(self.x_min, other.x_min)
        height = min(self.y_max, other.y_max) - max(self.y_min, other.y_min)
        intersection = max(width, 0.0) * max(height, 0.0)
        if not intersection:  # also of boxes so small that their areas are 0
            return 0.0
        return intersection / (self.area + other.area - intersection)


def sector(point: Point) -> str:
    """Return the name of the sector that a point lies in."""
    x, y = 3 * point[0], 3 * point[1]
    row = SECTORS[0 if y < 1 else 1 if y < 2 else 2]
    return row[0 if x < 1 else 1 if x < 2 else 2]


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point lies in a polygon, by the even-odd rule.

    A ray to the right crosses the border an odd number of times from inside
    (Shimrat 1962, "Algorithm 112: Position of point relative to polygon").
    """
    x, y = point
    inside = False
    previous_x, previous_y = polygon[-1]
    previous_below = previous_y > y
    for corner_x, corner_y in polygon:
        below = corner_y > y
        if below != previous_below:
            slope = (previous_x - corner_x) / (previous_y - corner_y)
            if x < corner_x + slope * (y - corner_y):
                inside = not inside
        previous_x, previous_y, previous_below = corner_x, corner_y, below
    return inside


def fault_of(polygon: Sequence[Point]) -> str | None:
    """Return why corners make no polygon with a clear inside, or None for a good one.

    A border that meets itself may go round twice, and what it surrounds twice is outside by
    the even-odd rule: a mask would show it.
    """
    # A corner repeated at once, or at the end to close the polygon, adds nothing.
    corners = [corner for i, corner in enumerate(polygon) if corner != polygon[i - 1]]
    if len(set(corners)) < 3:
        return "must have at least 3 corners"
    if len(corners) > CORNER_LIMIT:
        return f"must have at most {CORNER_LIMIT} corners"
    if fault := _fault_of_border(corners):
        return fault
    if area_of(corners) < MIN_AREA:
        return "must have an area"
    return None


def area_of(polygon: Sequence[Point]) -> float:
    """Return the area that corners surround; what they surround twice counts twice."""
    edges = zip(polygon, [*polygon[1:], *polygon[:1]], strict=True)
    return abs(sum(_turn((0, 0), *edge) for edge in edges)) / 2


def fault_of_line(ends: Sequence[Point]) -> str | None:
    """Return why points make no line that can be crossed, or None for a good one."""
    if len(ends) != 2:
        return "must have 2 ends, such as [[0.2, 0.5], [0.8, 0.5]]"
    if dist(*ends) < MIN_LENGTH:
        return "must have a length"
    return None


def leads_through(path: Edge, line: Edge) -> bool:
    """Whether a straight path passes a line between its ends, and not only ends on it.

    A point on the line itself counts as left of it, so that a path of several parts that stops
    there passes it in exactly one of them.
    """
    start, end = line
    if (_turn(start, end, path[0]) > 0) == (_turn(start, end, path[1]) > 0):
        return False
    return _turn(*path, start) * _turn(*path, end) <= 0


def way_inside(polygon: Sequence[Point], path: Edge) -> tuple[float, float] | None:
    """Return where a straight path first enters a polygon and last leaves it; None if never.

    Both are shares of the path: 0 where it begins inside, 1 where it ends inside. A path without a
    length leads nowhere. By the even-odd rule, as `contains`, along the path instead of a ray.
    """
    (x, y), (to_x, to_y) = path
    across, down = to_x - x, to_y - y
    square = across * across + down * down
    if not square:
        return None
    shares = []
    last_x, last_y = polygon[-1][0] - x, polygon[-1][1] - y
    last_side = across * last_y - down * last_x
    for corner_x, corner_y in polygon:
        next_x, next_y = corner_x - x, corner_y - y
        side = across * next_y - down * next_x
        if (side > 0) != (last_side > 0):
            # Where the edge meets the path, or the path if it went on in both directions.
            part = last_side / (last_side - side)
            meets_x = last_x + part * (next_x - last_x)
            meets_y = last_y + part * (next_y - last_y)
            shares.append((meets_x * across + meets_y * down) / square)
        last_x, last_y, last_side = next_x, next_y, side
    shares.sort()
    inside = [
        (enters, leaves)
        for enters, leaves in zip(shares[::2], shares[1::2], strict=True)
        if leaves > 0 and enters < 1
    ]
    return (max(inside[0][0], 0.0), min(inside[-1][1], 1.0)) if inside else None


def edge_bounds(
    polygon: Sequence[Point], reach: float
) -> tuple[tuple[float, float, float, float], ...]:
    """Return the upright rectangle around each edge of a polygon: left, top, right, bottom.

    Wider by `reach` on each side.
    """
    edges = zip([polygon[-1], *polygon[:-1]], polygon, strict=True)
    return tuple(
        (
            min(x, to_x) - reach,
            min(y, to_y) - reach,
            max(x, to_x) + reach,
            max(y, to_y) + reach,
        )
        for (x, y), (to_x, to_y) in edges
    )


def divides(path: Edge, polygon: Sequence[Point], unit: Point) -> bool:
    """Whether a straight path leads through a polygon rather than past it.

    On either side of it the polygon must reach farther than 1, in units of this width and height,
    or than a quarter of its own extent across the path, if it is so small.
    """
    beside = [right_of(path, corner, unit) for corner in polygon]
    right, left = max(beside), -min(beside)
    return min(right, left) >= min(1.0, (right + left) / 4)


def share_before(path: Edge, line: Edge) -> float:
    """Return which share of a straight path lies before it passes an infinite line.

    0 for a path that does not pass it.
    """
    begins, ends = _turn(*line, path[0]), _turn(*line, path[1])
    return begins / (begins - ends) if (begins > 0) != (ends > 0) else 0.0


def right_of(line: Edge, point: Point, unit: Point) -> float:
    """Return how far a point lies to the right of an infinite line.

    Right is as seen from the first point of the line towards its second; to the left, the distance
    is below 0. Lengths are in units of this width and height. A line without a
    length has no sides: 0.
    """
    start, end = line
    width, height = unit
    length = hypot((end[0] - start[0]) / width, (end[1] - start[1]) / height)
    return _turn(start, end, point) / (width * height) / length if length else 0.0


def is_near_border(polygon: Sequence[Point], point: Point, unit: Point) -> bool:
    """Whether a point is nearer to a polygon's border than 1, in units of this width and height."""
    (x, y), (width, height) = point, unit
    corners = [((corner_x - x) / width, (corner_y - y) / height) for corner_x, corner_y in polygon]
    previous = corners[-1]
    for corner in corners:
        # Most edges are far away, as a look at their ends shows.
        if not _are_beyond(previous, corner) and _distance_from_origin((previous, corner)) < 1:
            return True
        previous = corner
    return False


def _are_beyond(a: Point, b: Point) -> bool:
    """Whether two points are farther from the origin than 1 in the same direction of one axis."""
    (a_x, a_y), (b_x, b_y) = a, b
    return (
        (a_x > BEYOND and b_x > BEYOND)
        or (a_x < -BEYOND and b_x < -BEYOND)
        or (a_y > BEYOND and b_y > BEYOND)
        or (a_y < -BEYOND and b_y < -BEYOND)
    )


def _distance_from_origin(edge: Edge) -> float:
    (from_x, from_y), (to_x, to_y) = edge
    across, down = to_x - from_x, to_y - from_y
    square = across * across + down * down
    # Where the perpendicular meets the edge, as a share of it; beyond its ends an end is nearest.
    share = -(from_x * across + from_y * down) / square if square else 0.0
    share = min(max(share, 0.0), 1.0)
    return hypot(from_x + share * across, from_y + share * down)


def _fault_of_border(corners: Sequence[Point]) -> str | None:
    if len(set(corners)) < len(corners):
        return "must not come to a corner twice"
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    near = [pair for pair in combinations(edges, 2) if _are_near(*pair)]
    if any(_cross(*pair) for pair in near):
        return "must not cross itself"
    if any(_touch(*pair) for pair in near):
        return "must not touch itself"
    return None


def _are_near(one: Edge, other: Edge) -> bool:
    """Whether the upright rectangles around two edges meet; where not, nor do the edges."""
    ((a_x, a_y), (b_x, b_y)), ((c_x, c_y), (d_x, d_y)) = one, other
    return not (
        (a_x < c_x and a_x < d_x and b_x < c_x and b_x < d_x)
        or (a_x > c_x and a_x > d_x and b_x > c_x and b_x > d_x)
        or (a_y < c_y and a_y < d_y and b_y < c_y and b_y < d_y)
        or (a_y > c_y and a_y > d_y and b_y > c_y and b_y > d_y)
    )


def _cross(one: Edge, other: Edge) -> bool:
    """Whether two edges pass through each other; touching is no crossing."""
    return (
        _turn(*one, other[0]) * _turn(*one, other[1]) < 0
        and _turn(*other, one[0]) * _turn(*other, one[1]) < 0
    )


def _touch(one: Edge, other: Edge) -> bool:
    """Whether two edges without a common corner meet where one of them ends."""
    if set(one) & set(other):
        return False
    return any(_lies_on(one, end) for end in other) or any(_lies_on(other, end) for end in one)


def _lies_on(edge: Edge, point: Point) -> bool:
    (x, y), (from_x, from_y), (to_x, to_y) = point, *edge
    return (
        min(from_x, to_x) <= x <= max(from_x, to_x)
        and min(from_y, to_y) <= y <= max(from_y, to_y)
        and _turn(*edge, point) == 0
    )


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return twice the signed area of a triangle; its sign says on which side of ab c lies."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
