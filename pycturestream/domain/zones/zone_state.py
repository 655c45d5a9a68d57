"""The zone state of each track: its zones and since when, and its side of each line.

A track stands at the bottom center of its box. That point trembles with the box, so every border
has hysteresis: an object changes sides only when its bottom center is clear of the border, by a
share of the object's own size. That works at any frame rate and at any distance from the camera; a
number of frames would not.

What counts is the way between two sightings, taken as straight and at an even pace, and not where
the sightings happen to be: a zone or line that lies between two of them was passed. Times are those
of the way too.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera, Line, Zone
from pycturestream.domain.geometry import (
    THINNEST,
    Edge,
    Point,
    divides,
    leads_through,
    right_of,
    share_before,
)
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.track import Sighting, Track

MARGINS = (0.2, 0.1)
"""Shares of a box's width and height by which its bottom center must be clear of a border. With the
default model on PETS09-S2L1, 95 of 100 bottom centers are within .25 of the width and .06 of the
height of the true ones: a walker's box is wide and narrow in turns. There, at 7 pictures a second
and with 30 lines and 20 zones placed at random, these margins gave an F1 of .94 for crossings and
.95 for entering and leaving; no margins .88 and .89, twice as wide ones .88 and .93. Waiting for a
second sighting beyond the border improved neither, and at 1.4 pictures a second made both worse by
.04 or more."""
ZONE_HOLD_MS = 300
"""A zone has its margin on the outside only, so a person beside it may seem to be in it for a
picture or two, while the feet are hidden. A person has entered or left it after being on the new
side for so long; where pictures are farther apart than that, the first one decides. On the sample
clip `plaza` this halved the false zone events; lines, with a margin on both sides, only lose by
it."""
UNSEEN_LIMIT_MS = 5_000
"""The path of an object that was not seen for longer is unknown: wherever it is found, it has
entered, left or crossed nothing on the way."""
PENDING_LIMIT = 8
"""A track that is still unconfirmed after so many events flickers; the oldest are dropped."""

ZoneEventKind = Literal["entered", "left", "in", "out"]
"""Events at a border: entered or left a zone, crossed a line in or out."""


class Side(NamedTuple):
    """On which side of one border a track is.

    Stored without the names of its fields: a track has one for each zone and line.
    """

    there: bool | None
    """Whether it is inside the zone, or right of the line; None until it was clear of it."""
    since: Millis = 0
    """Since when it is inside; 0 where it is not."""
    beyond_since: Millis = 0
    """When it was last seen before it passed the border of a zone; 0: it has not passed it."""
    through: bool = False
    """Whether its path since it was last clear of a line leads through the line, and not around
    its ends or back again."""


UNKNOWN = Side(None)


Move = tuple[float, ZoneEventKind, str]
"""When a border was passed, how, and the name of the zone or line."""


class ZoneEvent(Struct, frozen=True, array_like=True):
    """An event of a track at a border, with the label of the track when it was confirmed."""

    track_id: str
    label: str
    kind: ZoneEventKind
    border: str
    """The name of the zone or line."""


class ZoneState(Struct, frozen=True, array_like=True):
    """Where one track is: its zones, and its side of each line."""

    bottom_center: Point
    seen_at: Millis
    revision: int
    """Of the camera's settings that were used: borders may have been redrawn since."""
    zones: Mapping[str, Side] = field(default_factory=dict)
    lines: Mapping[str, Side] = field(default_factory=dict)
    pending: tuple[ZoneEvent, ...] = ()
    """Events of a track that is not confirmed yet."""
    passed: Mapping[str, int] = field(default_factory=dict)
    """The zones that it went through on the way to where it is, and how long it was in each, in
    ms."""
    beyond_from: Mapping[str, Point] = field(default_factory=dict)
    """Of each zone whose border it has passed for a moment: where it was at `beyond_since`."""

    def dwell_ms(self, at: Millis = 0) -> dict[str, int]:
        """Return the zones that it is in, and how long it has been there, in ms.

        Whoever asks whether an object is in a zone asks here. It stands in them since its last
        sighting. If that was in the frame of this time, the zones that it passed on the way there
        are among them, since no sighting may be in a narrow one.
        """
        stays = {name: self.seen_at - side.since for name, side in self.zones.items() if side.there}
        return {**stays, **self.passed} if self.passed and at == self.seen_at else stays


ZoneStates = Mapping[str, ZoneState]
"""By track id."""
NO_ZONES = ZoneState(bottom_center=(0.0, 0.0), seen_at=0, revision=0)
"""Of a track from an older program that has only been detected weakly since."""


def locate(
    before: ZoneStates,
    camera: Camera,
    sightings: Sequence[Sighting],
    living: Sequence[Track],
    captured_at: Millis,
) -> tuple[ZoneStates, tuple[ZoneEvent, ...]]:
    """Return the zone states of all living tracks, and the zone events of this frame.

    The bottom center of a half hidden object is not seen, so a weak detection crosses no border.
    Frames must come in the order of their capture. The events of a track are emitted once it is
    confirmed, all at once.
    """
    names = [track.track_id for track in living]
    located = {name: before[name] for name in names if name in before}
    zone_events: list[ZoneEvent] = []
    for sighting in sightings:
        if sighting.detection.weak:
            continue
        track = sighting.track
        zone_state = _located(before.get(track.track_id), camera, track, captured_at)
        if zone_state.pending and track.confirmed:
            zone_events += (replace(event, label=track.label) for event in zone_state.pending)
            zone_state = replace(zone_state, pending=())
        located[track.track_id] = zone_state
    return located, tuple(zone_events)


def _located(
    before: ZoneState | None, camera: Camera, track: Track, captured_at: Millis
) -> ZoneState:
    box, bottom_center = track.box, track.box.bottom_center
    margin = MARGINS[0] * max(box.width, THINNEST), MARGINS[1] * max(box.height, THINNEST)
    if before is None:
        before = ZoneState(bottom_center, captured_at, camera.revision)
    elif before.revision != camera.revision or captured_at - before.seen_at > UNSEEN_LIMIT_MS:
        zones = {name: Side(None, side.since) for name, side in before.zones.items()}
        before = replace(before, zones=zones, lines={}, beyond_from={})
    moves: list[Move] = []
    zones, passed, beyond_from = _zones(
        before, camera.zones, bottom_center, margin, captured_at, moves
    )
    lines = _lines(before, camera.lines, bottom_center, margin, captured_at, moves)
    pending = before.pending
    if moves:
        moves.sort(key=itemgetter(0))
        fresh = (ZoneEvent(track.track_id, track.label, kind, border) for _, kind, border in moves)
        pending = (*pending, *fresh)[-PENDING_LIMIT:]
    return ZoneState(
        bottom_center, captured_at, camera.revision, zones, lines, pending, passed, beyond_from
    )


def _zones(
    before: ZoneState,
    zones: Sequence[Zone],
    bottom_center: Point,
    margin: Point,
    at: Millis,
    moves: list[Move],
) -> tuple[dict[str, Side], dict[str, int], dict[str, Point]]:
    """Return the side of each zone that a point is on, and how long it was in those it passed.

    And where it was before it passed the border of those that it may turn back to. What it entered
    or left is added to `moves`.
    """
    sides: dict[str, Side] = {}
    passed: dict[str, int] = {}
    beyond_from: dict[str, Point] = {}
    (x, y), (to_x, to_y) = before.bottom_center, bottom_center
    left, right = (x, to_x) if x < to_x else (to_x, x)
    path = before.bottom_center, bottom_center
    around = (left, y, right, to_y) if y < to_y else (left, to_y, right, y)
    for zone in zones:
        name = zone.name
        was = now = before.zones.get(name, UNKNOWN)
        if (
            was.there is False
            and not was.beyond_since
            and not (zone.may_be_passed(around) and zone.way_inside(path))
        ):
            sides[name] = was  # as mostly: outside all the way
            continue
        there = _is_inside(zone, was, bottom_center, margin)
        if was.there is None:
            now = _turn(was, at, there=there)
        elif there is not was.there or was.beyond_since or not there:  # seldom
            now, turns = _turned(was, before, zone, bottom_center, margin, at, there=there)
            moves += ((moment, kind, name) for moment, kind in turns)
            if len(turns) == 2:
                passed[name] = round(turns[1][0] - turns[0][0])
            if now.beyond_since:
                beyond_from[name] = before.beyond_from.get(name, before.bottom_center)
        sides[name] = now
    return sides, passed, beyond_from


def _turned(
    was: Side,
    before: ZoneState,
    zone: Zone,
    bottom_center: Point,
    margin: Point,
    at: Millis,
    *,
    there: bool | None,
) -> tuple[Side, Sequence[tuple[float, ZoneEventKind]]]:
    """Return the side of a zone after a way that may have passed its border, and when it did.

    The way begins where the object was certainly on the side that it is on. It changes sides once
    it has been on the other one, or beyond the zone, for long enough.
    """
    if there is None:
        return was, ()
    begins, begins_at = before.bottom_center, before.seen_at
    if was.beyond_since and zone.name in before.beyond_from:
        begins, begins_at = before.beyond_from[zone.name], was.beyond_since
    path = begins, bottom_center
    way = zone.way_inside(path)
    if was.there:
        has_passed = not there
    else:
        has_passed = there or (way is not None and divides(path, zone.polygon, margin))
    if not has_passed:
        return Side(was.there, was.since), ()
    if at - begins_at < ZONE_HOLD_MS:
        return Side(was.there, was.since, begins_at), ()
    enters, leaves = way or ((1.0, 1.0) if there else (0.0, 0.0))
    left_at = begins_at + leaves * (at - begins_at)
    if was.there:
        return Side(there=False), [(left_at, "left")]
    entered_at = begins_at + enters * (at - begins_at)
    if there or zone.has_border_near(bottom_center, margin):
        return Side(there=True, since=round(entered_at)), [(entered_at, "entered")]
    return Side(there=False), [(entered_at, "entered"), (left_at, "left")]


def _lines(
    before: ZoneState,
    lines: Sequence[Line],
    bottom_center: Point,
    margin: Point,
    at: Millis,
    moves: list[Move],
) -> dict[str, Side]:
    """Return the side of each line that a point is on; crossings are added to `moves`."""
    sides: dict[str, Side] = {}
    path = before.bottom_center, bottom_center
    for line in lines:
        name, edge = line.name, line.edge
        was = now = before.lines.get(name, UNKNOWN)
        if leads_through(path, edge):
            was = now = Side(was.there, was.since, was.beyond_since, not was.through)
        there = _is_right(edge, bottom_center, margin)
        if there is not was.there or was.through:  # seldom
            now = _turn(was, at, there=there)
            if now.there is not was.there and was.there is not None and was.through:
                share = share_before(path, edge)
                moment = before.seen_at + share * (at - before.seen_at)
                moves.append((moment, "in" if now.there else "out", name))
        sides[name] = now
    return sides


def _is_inside(zone: Zone, was: Side, bottom_center: Point, margin: Point) -> bool | None:
    """Return whether a point is in a zone, or None within the margin, where nothing changes.

    The margin lies outside, so that a zone may be as small as a doormat.
    """
    if zone.contains(bottom_center):
        return True
    if was.there is False or not zone.has_border_near(bottom_center, margin):
        return False
    return None


def _is_right(line: Edge, bottom_center: Point, margin: Point) -> bool | None:
    """Return whether a point is right of a line, or None within the margin on both sides."""
    right = right_of(line, bottom_center, margin)
    return right > 0 if abs(right) >= 1 else None


def _turn(was: Side, at: Millis, *, there: bool | None) -> Side:
    """Return the side after one more sighting."""
    if there is None:
        return was
    if there == was.there:
        return Side(there, was.since) if was.beyond_since or was.through else was
    if was.there is None:
        return Side(there, (was.since or at) if there else 0)
    return Side(there, at if there else 0)
