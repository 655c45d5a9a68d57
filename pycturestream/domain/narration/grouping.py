"""Groups of what is in view, merged the way a person would mention them."""

from collections.abc import Callable, Iterable, Sequence
from math import atan, degrees, radians, tan
from typing import cast

from pycturestream.domain.narration.sentence import Group, Motion, Place, importance
from pycturestream.domain.tracking.scene import NarratedObject

SURE = 0.6
"""Mean score from which a label is said without `perhaps`: NanoDet's threshold for most labels, so
that only what it takes for certain seldom, or for several things in turns, is called unsure."""
SPREAD_FROM = 4
"""Objects of one label in all three columns that are no longer told column by column."""
VIEW_DEGREES = 70
"""Across the picture, for a clock face: what phones and webcams see."""
MOVERS = frozenset(
    {
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
        "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe",
    }
)  # fmt: skip
"""What comes closer by itself. All else only seems to, when the camera is carried along."""


def groups_of(
    in_view: Iterable[NarratedObject], *, merged: bool = True, with_motion: bool = True
) -> tuple[Group, ...]:
    """Return the groups of what is in view, the most important first; see `grouped`."""
    return tuple([group for group, _ in grouped(in_view, merged=merged, with_motion=with_motion)])


def grouped(
    in_view: Iterable[NarratedObject], *, merged: bool = True, with_motion: bool = True
) -> list[tuple[Group, Sequence[NarratedObject]]]:
    """Return the groups of what is in view with their objects, the most important first.

    Not `merged`, each sector is a group of its own.
    """
    by_label: dict[tuple[str, Motion], list[NarratedObject]] = {}
    for item in in_view:
        motion: Motion = "approaching" if with_motion and is_approaching(item) else ""
        by_label.setdefault((item.label, motion), []).append(item)
    groups = [
        (_group(label, motion, place, objects), objects)
        for (label, motion), items in by_label.items()
        for place, objects in (_places(items) if merged else _sectors(items))
    ]
    return sorted(groups, key=lambda pair: importance(pair[0]))


def is_approaching(item: NarratedObject) -> bool:
    return item.approaching and item.label in MOVERS


def place_of(sector: str) -> Place:
    """Return the place of one sector: `left` for `middle left`."""
    return cast("Place", sector.removeprefix("middle "))


def hour_of(x: float) -> int:
    """Return the hour on a clock face for a place across the picture, 0..1."""
    half = tan(radians(VIEW_DEGREES / 2))
    bearing = degrees(atan((2 * x - 1) * half))
    return (round(bearing / 30) - 1) % 12 + 1


def _group(label: str, motion: Motion, place: Place, objects: Sequence[NarratedObject]) -> Group:
    hours = {hour_of(item.center[0]) for item in objects}
    sure = sum(item.certainty >= SURE for item in objects)
    return Group(
        count=len(objects),
        label=label,
        place=place,
        hour=hours.pop() if len(hours) == 1 else 0,
        motion=motion,
        sure=2 * sure >= len(objects),
    )


def _sectors(items: Sequence[NarratedObject]) -> list[tuple[Place, list[NarratedObject]]]:
    return _split(items, lambda item: place_of(item.sector))


def _split(
    items: Iterable[NarratedObject], key: Callable[[NarratedObject], Place]
) -> list[tuple[Place, list[NarratedObject]]]:
    parts: dict[Place, list[NarratedObject]] = {}
    for item in items:
        parts.setdefault(key(item), []).append(item)
    return list(parts.items())


def _places(items: Sequence[NarratedObject]) -> list[tuple[Place, list[NarratedObject]]]:
    """Return the places of objects of one label: as few as say where they are.

    One sector, one column (`on the left`), one row at the top or bottom; otherwise each column by
    itself, unless there are many of them everywhere.
    """
    if (place := _common_place(items)) is not None:
        return [(place, list(items))]
    columns = _split(items, lambda item: _column(item.sector))
    if len(columns) == 3 and len(items) >= SPREAD_FROM:
        return [("several", list(items))]
    return [(_common_place(objects) or column, objects) for column, objects in columns]


def _common_place(items: Sequence[NarratedObject]) -> Place | None:
    sectors = {item.sector for item in items}
    if len(sectors) == 1:
        return place_of(sectors.pop())
    columns = {_column(sector) for sector in sectors}
    if len(columns) == 1:
        return columns.pop()
    rows = {_row(sector) for sector in sectors}
    return rows.pop() if len(rows) == 1 else None


def _column(sector: str) -> Place:
    return cast("Place", sector.rpartition(" ")[2])


def _row(sector: str) -> Place | None:
    """Return the row of a sector at the top or bottom; of the others, none is spoken of."""
    row = sector.partition(" ")[0]
    return cast("Place", row) if row in ("top", "bottom") else None
