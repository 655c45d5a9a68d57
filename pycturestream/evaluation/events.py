"""Who enters and leaves zones and crosses lines: what people saw, what was told, how both agree.

A file of what people saw has the columns frame (from 1), event (entered, left or crossed), place
(the zone or line), direction (in or out, of a crossing), person, and counts (0: too near to the
border or to the clip's end to be certain).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking import tracks as tracking
from pycturestream.domain.zones import zone_state
from pycturestream.domain.zones.zone_state import ZoneEventKind, ZoneStates
from pycturestream.evaluation.pairing import Cost, pair
from pycturestream.evaluation.table import flag, frame_index, read_table

COLUMNS = ("frame", "event", "place", "direction", "person", "counts")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did at a border."""

    frame: int
    """The index, from 0, of the first frame in which he is on the other side."""
    kind: ZoneEventKind
    place: str
    counts: bool = True
    """If not, it need not be told, and who tells it is not wrong."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How what was told agrees with what people saw."""

    right: int
    missed: int
    false: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; not a number where there was nothing."""
        all_of_both = 2 * self.right + self.missed + self.false
        return 2 * self.right / all_of_both if all_of_both else float("nan")


def read_events(path: Path) -> tuple[Event, ...]:
    """Return what people saw. Raises TruthError with the line."""
    return read_table(path, COLUMNS, _read)


def told_events(
    detections: Mapping[int, Sequence[Detection]],
    camera: Camera,
    label: str,
    captured_at: Mapping[int, Millis],
    aspect: float,
) -> list[Event]:
    """Return what the detection job tells of these frames, as `understanding` does it.

    `aspect` is their width over their height.
    """
    events: list[Event] = []
    tracks: tuple[tracking.Track, ...] = ()
    located: ZoneStates = {}
    for frame in sorted(detections):
        at = captured_at[frame]
        name = frame_id(camera.camera_id, at)
        tracks, sightings = tracking.update_tracks(tracks, detections[frame], name, at, aspect)
        located, zone_events = zone_state.locate(located, camera, sightings, tracks, at)
        events += [
            Event(frame, zone_event.kind, zone_event.border)
            for zone_event in zone_events
            if zone_event.label == label
        ]
    return events


def agree(seen: Sequence[Event], told: Sequence[Event], tolerance: int) -> Agreement:
    """Pair events of the same kind and place that are at most `tolerance` frames apart.

    As many as possible are paired, and of those ways the one with the least distance; what
    counts is paired first.
    """
    sure = [event for event in seen if event.counts]
    unsure = [event for event in seen if not event.counts]
    right = _pair(sure, told, tolerance)
    left = [event for index, event in enumerate(told) if index not in right]
    excused = _pair(unsure, left, tolerance)
    return Agreement(len(right), len(sure) - len(right), len(left) - len(excused))


def _pair(seen: Sequence[Event], told: Sequence[Event], tolerance: int) -> set[int]:
    """Return which of the events told are among those seen."""
    return set(pair([[_cost(s, t, tolerance) for t in told] for s in seen]).values())


def _cost(seen: Event, told: Event, tolerance: int) -> Cost:
    apart = abs(seen.frame - told.frame)
    same = (seen.kind, seen.place) == (told.kind, told.place)
    return apart if same and apart <= tolerance else None


def _read(row: Sequence[str]) -> Event:
    frame, event, place, direction, _, counts = row
    return Event(frame_index(frame), _kind(event, direction), place, flag("counts", counts))


def _kind(event: str, direction: str) -> ZoneEventKind:
    match event, direction:
        case "crossed", "in" | "out" as kind:
            return kind
        case "entered" | "left" as kind, "":
            return kind
        case ("crossed", "") | ("entered" | "left", _):
            raise ValueError("a direction belongs to a crossing, and to nothing else")
        case "crossed", _:
            raise ValueError(f"direction {direction!r}: a direction is in or out")
    raise ValueError(f"event {event!r}: expected entered, left or crossed")
