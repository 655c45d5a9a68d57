"""Counts of a camera by label and window of time, with zeros where nothing was."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pycturestream.camera import Camera
from pycturestream.scene import SeenObject
from pycturestream.times import Millis

LABEL_MEMORY_MS = 3_600_000
"""For how long after it was last seen a label is still counted, as zero."""
ALWAYS_COUNTED = ("person",)
"""Labels whose zero is always worth knowing."""
LATENESS_MS = 60_000
"""For how long after its end a window can still be corrected by a late frame."""


@dataclass(frozen=True, slots=True)
class LabelTally:
    """What one window has seen of one label."""

    largest: int = 0
    """The most at once, in one frame."""
    total: int = 0
    """Sum over the frames: the mean is total / frames."""
    track_ids: tuple[str, ...] = ()
    """The confirmed tracks, each once."""


@dataclass(frozen=True, slots=True)
class Window:
    """One window of one camera."""

    start: Millis
    frames: int = 0
    labels: Mapping[str, LabelTally] = field(default_factory=dict)
    revision: int = 0
    """How often it has been told; 0 while it is open."""
    told_frames: int = 0


@dataclass(frozen=True, slots=True)
class Tallies:
    """What is remembered to count by."""

    windows: tuple[Window, ...] = ()
    label_seen_at: Mapping[str, Millis] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowCount:
    """The count of one label in one closed window."""

    camera_id: str
    site: str
    label: str
    window_start: Millis
    window_end: Millis
    frames: int
    maximum: int
    mean: float
    unique: int
    revision: int


def count(
    tallies: Tallies, seen: Sequence[SeenObject], captured_at: Millis, window_ms: int
) -> Tallies:
    """Return the tallies with one more frame; a late one corrects its own window."""
    start = captured_at - captured_at % window_ms
    others = tuple(window for window in tallies.windows if window.start != start)
    window = next((window for window in tallies.windows if window.start == start), Window(start))
    numbers = Counter(thing.track.label for thing in seen)
    labels = dict(window.labels)
    for label, number in numbers.items():
        tally = labels.get(label, LabelTally())
        confirmed = {
            thing.track.track_id
            for thing in seen
            if thing.track.label == label and thing.track.confirmed
        }
        labels[label] = LabelTally(
            largest=max(tally.largest, number),
            total=tally.total + number,
            track_ids=tuple(sorted(confirmed.union(tally.track_ids))),
        )
    counted = replace(window, frames=window.frames + 1, labels=labels)
    seen_at = {
        label: max(captured_at, tallies.label_seen_at.get(label, captured_at)) for label in numbers
    }
    return Tallies((*others, counted), {**tallies.label_seen_at, **seen_at})


def close(
    tallies: Tallies, camera: Camera, now: int, window_ms: int, grace_ms: int
) -> tuple[Tallies, list[WindowCount]]:
    """Return the tallies, and the counts that are to be told now.

    A window is told when it ended `grace_ms` ago, and again when a late frame has changed it.
    """
    seen_at = {
        label: at for label, at in tallies.label_seen_at.items() if now - at <= LABEL_MEMORY_MS
    }
    labels = {*ALWAYS_COUNTED, *seen_at, *(label for rule in camera.rules for label in rule.labels)}
    kept, told = [], []
    for window in tallies.windows:
        end = window.start + window_ms
        closed = window
        if end + grace_ms <= now and window.frames > window.told_frames:
            closed = replace(window, revision=window.revision + 1, told_frames=window.frames)
            told += [
                _tell(closed, camera, label, end) for label in sorted(labels.union(window.labels))
            ]
        if not is_forgotten(window.start, now, window_ms, grace_ms):
            kept.append(closed)
    return Tallies(tuple(kept), seen_at), told


def is_forgotten(at: Millis, now: int, window_ms: int, grace_ms: int) -> bool:
    """Whether the window that a time belongs to can't be corrected any more."""
    return at - at % window_ms + window_ms + grace_ms + LATENESS_MS <= now


def _tell(window: Window, camera: Camera, label: str, end: Millis) -> WindowCount:
    tally = window.labels.get(label, LabelTally())
    return WindowCount(
        camera_id=camera.camera_id,
        site=camera.site,
        label=label,
        window_start=window.start,
        window_end=end,
        frames=window.frames,
        maximum=tally.largest,
        mean=tally.total / window.frames,
        unique=len(tally.track_ids),
        revision=window.revision,
    )
