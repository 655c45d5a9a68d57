"""Zone events: what people annotated, what the job emits, and how both agree.

A file of annotated events has the columns frame (from 1), event (entered, left or crossed), place
(the zone or line), direction (in or out, of a crossing), person, and counts (0: too near to the
border or to the clip's end to be certain).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from producers.video_file import DEFAULT_FPS
from pycturestream.config.settings import Settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking import tracks as tracking
from pycturestream.domain.zones import zone_state
from pycturestream.domain.zones.zone_state import ZoneEventKind, ZoneStates
from pycturestream.evaluation.clip import captured_at as capture_time
from pycturestream.evaluation.clip import describe
from pycturestream.evaluation.detect import Progress, detect
from pycturestream.evaluation.ground_truth import GroundTruthError
from pycturestream.evaluation.pairing import SAME_MS, Cost, pair
from pycturestream.evaluation.table import flag, frame_index, read_table

if TYPE_CHECKING:
    from pycturestream.domain.tracking.track import Track

COLUMNS = ("frame", "event", "place", "direction", "person", "counts")


@dataclass(frozen=True, slots=True)
class Event:
    """A zone was entered or left, or a line crossed."""

    frame: int
    """The index, from 0, of the first frame in which the person is on the other side."""
    kind: ZoneEventKind
    place: str
    counts: bool = True
    """If not, emitting it is neither required nor wrong."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How emitted events agree with annotated ones."""

    right: int
    missed: int
    false: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; not a number without any event."""
        all_of_both = 2 * self.right + self.missed + self.false
        return 2 * self.right / all_of_both if all_of_both else float("nan")


def read_events(path: Path) -> tuple[Event, ...]:
    """Return the annotated events. Raises GroundTruthError with the line."""
    return read_table(path, COLUMNS, _read)


def evaluate_events(
    path: Path,
    truth: Path,
    camera: Camera,
    every: int,
    label: str,
    fps: float | None,
    description: ModelDescription,
    cache: Path | None,
    settings: Settings,
    progress: Progress | None = None,
) -> Agreement:
    """Score the events of a label on a clip, against a file of annotated events.

    `fps` is the clip's true rate where the file states a wrong one; each nth (`every`) of its
    frames is taken. Raises SourceError, GroundTruthError, ModelError and DetectionsCacheError.
    """
    clip = describe(path)
    annotated = read_events(truth)
    _check_borders(truth, annotated, camera)
    frames = range(0, clip.end, every)
    detections = detect(path, clip, description, frames, cache, settings, progress)
    last = max((event.frame for event in annotated), default=0)
    if last > max(detections, default=-1) + every:
        raise GroundTruthError(
            f"{truth} mentions frame {last + 1}, which {cache or path} does not have: "
            "do they belong together?"
        )
    rate = fps or clip.fps or DEFAULT_FPS
    times = {frame: capture_time(frame, rate) for frame in detections}
    aspect = clip.size.width / clip.size.height
    emitted = emitted_events(detections, camera, label, times, aspect)
    return agree(annotated, emitted, round(SAME_MS / 1000 * rate))


def _check_borders(truth: Path, events: Iterable[Event], camera: Camera) -> None:
    """Raise GroundTruthError for a zone or line that the camera does not have."""
    zones, lines = {zone.name for zone in camera.zones}, {line.name for line in camera.lines}
    for event in events:
        kind, known = ("line", lines) if event.kind in {"in", "out"} else ("zone", zones)
        if event.place not in known:
            raise GroundTruthError(
                f"{truth} mentions the {kind} {event.place}, which the camera "
                f"{camera.camera_id} does not have: it has {', '.join(sorted(known)) or 'none'}"
            )


def emitted_events(
    detections: Mapping[int, Sequence[Detection]],
    camera: Camera,
    label: str,
    captured_at: Mapping[int, Millis],
    aspect: float,
) -> list[Event]:
    """Return the events that the detection job emits for these frames.

    `aspect` is their width over their height.
    """
    events: list[Event] = []
    tracks: tuple[Track, ...] = ()
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


def agree(seen: Sequence[Event], emitted: Sequence[Event], tolerance: int) -> Agreement:
    """Pair events of the same kind and place that are at most `tolerance` frames apart.

    As many as possible are paired, with the least total distance; events that count come first.
    """
    sure = [event for event in seen if event.counts]
    unsure = [event for event in seen if not event.counts]
    right = _pair(sure, emitted, tolerance)
    others = [event for index, event in enumerate(emitted) if index not in right]
    excused = _pair(unsure, others, tolerance)
    return Agreement(len(right), len(sure) - len(right), len(others) - len(excused))


def _pair(seen: Sequence[Event], emitted: Sequence[Event], tolerance: int) -> set[int]:
    """Return the indices of the emitted events that are annotated."""
    return set(pair([[_cost(s, t, tolerance) for t in emitted] for s in seen]).values())


def _cost(seen: Event, emitted: Event, tolerance: int) -> Cost:
    apart = abs(seen.frame - emitted.frame)
    same = (seen.kind, seen.place) == (emitted.kind, emitted.place)
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
