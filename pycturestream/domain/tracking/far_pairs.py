"""Far pairs: a detection that shows an object which has left its own place entirely.

What is fast never overlaps itself: between two of two pictures a second, a car at 50 km/h moves by
one and a half of its lengths. `associate` compares places, and so never finds it again. What it has
left over is paired here by label, size and plausible motion, where nothing else can be meant.
"""

from collections.abc import Mapping, Sequence
from math import hypot
from operator import itemgetter
from typing import NamedTuple

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import THINNEST, BoundingBox, Point

LONGEST_S = 1.2
"""Between two pictures farther apart than this, anything may have come and gone."""
FASTEST = 9.0
"""An object that was seen once may have moved by so many of its own widths in a second: a car from
the side at 145 km/h, a motorcycle at 68, a runner at 22. What is fast is long in the direction in
which it moves."""
ALIKE = 1.6
"""An object that was seen once does not change its width or height by more than this factor: a car
that comes from 20 m away to 12 m between two pictures does not, nor does a walker's stride."""
LEAST_GROWTH, MOST_GROWTH = 1.15, 2.5
"""One that goes on in its direction becomes larger or smaller by a factor between these: at even
speed only what comes or goes is not where it was expected."""
ASTRAY = 0.5
"""It may leave that direction by so much to a side, as a share of the way ahead: 27 degrees."""
SHORTEST_STEP, LONGEST_STEP = 0.25, 1.5
"""Shares of the expected step that it may have taken. Towards the camera, even speed makes longer
steps in the picture: what has become g times as large has moved 2g - 1 times as far as before.
What goes away takes shorter ones, and its speed was overestimated."""
CUT_OFF = 0.01
"""A box so near to an edge of the picture may go on beyond it: its extent there is unknown."""
CLEARLY = 2.0
"""A pair is meant, and no other one, if any other with one of the two would have moved so many
times as far."""


class LeftOver(NamedTuple):
    """An object that the last frame showed, and that no detection was found for."""

    position: int
    """By which the caller knows it."""
    label: str
    box: BoundingBox
    """Where it was seen."""
    velocity: Point | None
    """In picture widths and heights a second; None for what was seen once."""


def pair_far(
    objects: Sequence[LeftOver], detections: Mapping[int, Detection], aspect: float, seconds: float
) -> dict[int, int]:
    """Return which of the detections left over (key) shows which of the objects (value).

    `seconds` have passed since the last frame, and `aspect` is the picture's width over its height.
    Of two pairs with the same object or detection, neither is taken unless one is clearly nearer:
    two that may have changed places stay apart, and become new objects.
    """
    if seconds > LONGEST_S:
        return {}
    possible = [
        (row, item.position, moved)
        for row, detection in detections.items()
        for item in objects
        if detection.label == item.label
        and (moved := _moved(item, detection.box, aspect, seconds)) is not None
    ]
    of_detection: dict[int, list[float]] = {}
    of_object: dict[int, list[float]] = {}
    for row, position, moved in sorted(possible, key=itemgetter(2)):
        of_detection.setdefault(row, []).append(moved)
        of_object.setdefault(position, []).append(moved)
    return {
        row: position
        for row, position, moved in possible
        if _is_clear(moved, of_detection[row]) and _is_clear(moved, of_object[position])
    }


def _is_clear(moved: float, ways: Sequence[float]) -> bool:
    """Whether this is the shortest of these ways, the shortest first, and clearly so."""
    return moved == ways[0] and (len(ways) == 1 or ways[1] >= max(CLEARLY * moved, THINNEST))


def _moved(item: LeftOver, box: BoundingBox, aspect: float, seconds: float) -> float | None:
    """Return how far an object would have moved, in picture heights; None if it can't be there."""
    (x, y), (before_x, before_y) = box.center, item.box.center
    across, down = (x - before_x) * aspect, y - before_y
    moved = hypot(across, down)
    growths = _growths(item.box, box)
    if item.velocity is None:
        width = max(box.width, item.box.width) * aspect
        near = moved <= FASTEST * seconds * width
        return moved if near and all(1 / ALIKE <= growth <= ALIKE for growth in growths) else None
    growth = _common(growths)
    if growth is None:
        return None
    step_x, step_y = item.velocity[0] * aspect * seconds, item.velocity[1] * seconds
    step = hypot(step_x, step_y)
    ahead, aside = across * step_x + down * step_y, across * step_y - down * step_x
    longest = LONGEST_STEP * max(1.0, 2 * growth - 1) * step
    goes_on = abs(aside) <= ASTRAY * ahead and SHORTEST_STEP * step <= moved <= longest
    return moved if goes_on else None


def _growths(before: BoundingBox, now: BoundingBox) -> list[float]:
    """Return by how much an object has become wider and higher, as far as both boxes show it.

    Of a box at the edge of the picture, the extent across that edge is unknown.
    """
    growths = []
    if not any(box.x_min < CUT_OFF or box.x_max > 1 - CUT_OFF for box in (before, now)):
        growths.append(now.width / max(before.width, THINNEST))
    if not any(box.y_min < CUT_OFF or box.y_max > 1 - CUT_OFF for box in (before, now)):
        growths.append(now.height / max(before.height, THINNEST))
    return growths


def _common(growths: Sequence[float]) -> float | None:
    """Return the growth of an object that comes towards the camera or goes away, or None.

    It grows or shrinks in all directions alike; a stride or a turn does not.
    """
    if not growths:
        return None
    least, most = min(growths), max(growths)
    comes = least >= LEAST_GROWTH and most <= MOST_GROWTH
    goes = least >= 1 / MOST_GROWTH and most <= 1 / LEAST_GROWTH
    return (least + most) / 2 if comes or goes else None
