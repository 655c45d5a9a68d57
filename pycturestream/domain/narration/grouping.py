"""Groups of what is in view, merged the way a person would mention them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from math import atan, degrees, radians, tan
from typing import cast

from pycturestream.domain.detection import FACE
from pycturestream.domain.narration.sentence import Group, Motion, Place, importance
from pycturestream.domain.tracking.scene import NarratedObject

SURE = 0.6
"""Mean score from which a label is said without `perhaps`, by the calibration of the default model
(`models evaluate samples/everyday`): of its detections with .6 or more, 28 of 29 are right; of
those with .5 to .6, 10 of 16."""
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


def narrated(in_view: Iterable[NarratedObject], labels: Iterable[str]) -> list[NarratedObject]:
    """Return the objects that matter to a listener: of these labels; of none named, all but faces.

    Whoever hears of a person needs not be told that it has a face.
    """
    wanted = frozenset(labels)
    return [item for item in in_view if (item.label in wanted if wanted else item.label != FACE)]


def counted(in_view: Iterable[NarratedObject]) -> tuple[tuple[str, Place, int], ...]:
    """Return label, place and number of each group, whatever its motion, in a fixed order.

    The same as `groups_of` without motion, in a fraction of the time: it is asked each frame.
    """
    sectors: dict[str, dict[str, int]] = {}
    for item in in_view:
        numbers = sectors.setdefault(item.label, {})
        numbers[item.sector] = numbers.get(item.sector, 0) + 1
    counts: dict[tuple[str, Place], int] = {}
    for label, numbers in sectors.items():
        places = _places(frozenset(numbers), are_many=sum(numbers.values()) >= SPREAD_FROM)
        for sector, number in numbers.items():
            group = label, places[sector]
            counts[group] = counts.get(group, 0) + number
    return tuple([(label, place, number) for (label, place), number in sorted(counts.items())])


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
    groups = []
    for (label, motion), items in by_label.items():
        sectors = frozenset([item.sector for item in items])
        places = _places(sectors, are_many=len(items) >= SPREAD_FROM)
        by_place: dict[Place, list[NarratedObject]] = {}
        for item in items:
            place = places[item.sector] if merged else place_of(item.sector)
            by_place.setdefault(place, []).append(item)
        groups += [
            (_group(label, motion, place, objects), objects) for place, objects in by_place.items()
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


@cache  # there are 511 sets of sectors
def _places(sectors: frozenset[str], *, are_many: bool) -> Mapping[str, Place]:
    """Return what the place of objects of one label in these sectors is called, for each sector.

    As few places as say where they are: one sector, one column (`on the left`), one row at the top
    or bottom; otherwise each column by itself, unless there are many of them everywhere.
    """
    common = _common_place(sectors)
    columns: dict[Place, set[str]] = {}
    for sector in sectors:
        columns.setdefault(_column(sector), set()).add(sector)
    if common is None and are_many and len(columns) == 3:
        common = "several"
    return {
        sector: common or _common_place(members) or column
        for column, members in columns.items()
        for sector in members
    }


def _common_place(sectors: Collection[str]) -> Place | None:
    if len(sectors) == 1:
        return place_of(next(iter(sectors)))
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
