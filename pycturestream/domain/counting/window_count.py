"""Counts of a camera by label and window of time, with zeros where nothing was seen.

The number of objects at once is counted frame by frame, in whatever order frames come. Tracks and
their zone events are counted once, in the window in which they became certain, from the frames
that came in order only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import CountedObject
from pycturestream.domain.zones.zone_state import ZoneEvent, ZoneEventKind

LABEL_MEMORY_MS = 3_600_000
"""How long after it was last seen a label is still counted, as zero."""
ALWAYS_COUNTED = ("person",)
"""Labels that are always counted, even as zero."""
LATENESS_MS = 60_000
"""How long after its end a late frame can still correct a window."""


WINDOWS_KEPT = 3
"""So many windows are remembered however late it is. A clock that was ahead for a moment and comes
back leads into a window that began before it."""


class LabelTally(Struct, frozen=True, array_like=True):
    """The tally of one label in one window."""

    largest: int = 0
    """The most at once, in one frame."""
    total: int = 0
    """Sum over the frames: the mean is total / frames."""
    unique: int = 0
    """The confirmed tracks, each once."""
    new: int = 0
    """Those of them that were in no earlier window."""
    events: Mapping[ZoneEventKind, Mapping[str, int]] = field(default_factory=dict)
    """The number of zone events by kind and border."""


NOTHING = LabelTally()


class Window(Struct, frozen=True, array_like=True):
    """One window of one camera."""

    start: Millis
    frames: int = 0
    labels: Mapping[str, LabelTally] = field(default_factory=dict)
    revision: int = 0
    """How often it has been emitted; 0 while it is open."""
    emitted_frames: int = 0


class Counted(NamedTuple):
    """Where a living track was last counted. Stored without the names of its fields."""

    start: Millis
    label: str
    new: bool
    """Whether that window was its first."""


class Tallies(Struct, frozen=True, array_like=True):
    """What is remembered between frames to count by."""

    windows: tuple[Window, ...] = ()
    label_seen_at: Mapping[str, Millis] = field(default_factory=dict)
    counted: Mapping[str, Counted] = field(default_factory=dict)
    """The living tracks that were counted, by id, so that no window must remember its tracks."""


class WindowCount(Struct, frozen=True):
    """The count of one label in one closed window."""

    camera_id: str
    site: str
    timezone: str
    label: str
    window_start: Millis
    window_end: Millis
    frames: int
    maximum: int
    mean: float
    unique: int
    new: int
    entered: Mapping[str, int]
    """By zone, as is `left`; zones that nobody entered have zero."""
    left: Mapping[str, int]
    crossed_in: Mapping[str, int]
    """By line, as is `crossed_out`."""
    crossed_out: Mapping[str, int]
    revision: int


def count(
    tallies: Tallies,
    seen: Sequence[CountedObject],
    zone_events: Sequence[ZoneEvent],
    living: Sequence[str],
    captured_at: Millis,
    window_ms: int,
) -> Tallies:
    """Return the tallies with the newest frame, its tracks and its zone events.

    `living` are the ids of all tracks that live.
    """
    tallies = correct(tallies, seen, captured_at, window_ms)
    counted = {
        track_id: tallies.counted[track_id] for track_id in living if track_id in tallies.counted
    }
    if not seen and not zone_events:
        return Tallies(tallies.windows, tallies.label_seen_at, counted)
    *others, window = tallies.windows
    labels = dict(window.labels)
    for item in seen:
        if item.confirmed:
            before = counted.get(item.track_id)
            counted[item.track_id] = _count_track(labels, before, item.label, window.start)
    for zone_event in zone_events:
        tally = labels.get(zone_event.label, NOTHING)
        borders = tally.events.get(zone_event.kind, {})
        borders = {**borders, zone_event.border: borders.get(zone_event.border, 0) + 1}
        labels[zone_event.label] = replace(tally, events={**tally.events, zone_event.kind: borders})
    windows = (*others, replace(window, labels=labels))
    return Tallies(windows, tallies.label_seen_at, counted)


def correct(
    tallies: Tallies, seen: Sequence[CountedObject], captured_at: Millis, window_ms: int
) -> Tallies:
    """Return the tallies with the objects of one frame, its window last; the frame may be late."""
    others, window = _select(tallies.windows, captured_at - captured_at % window_ms)
    labels, seen_at = window.labels, tallies.label_seen_at
    if seen:
        labels, seen_at = dict(labels), dict(seen_at)
        numbers: dict[str, int] = {}
        for item in seen:
            numbers[item.label] = numbers.get(item.label, 0) + 1
        for label, number in numbers.items():
            tally = labels.get(label, NOTHING)
            labels[label] = LabelTally(
                max(tally.largest, number),
                tally.total + number,
                tally.unique,
                tally.new,
                tally.events,
            )
            seen_at[label] = max(captured_at, seen_at.get(label, captured_at))
    counted = Window(
        window.start, window.frames + 1, labels, window.revision, window.emitted_frames
    )
    return Tallies((*others, counted), seen_at, tallies.counted)


def _select(windows: tuple[Window, ...], start: Millis) -> tuple[tuple[Window, ...], Window]:
    """Return the window that begins at a time, and before it the others."""
    if windows and windows[-1].start == start:  # as nearly always
        return windows[:-1], windows[-1]
    others = tuple(window for window in windows if window.start != start)
    return others, next((window for window in windows if window.start == start), Window(start))


def _count_track(
    labels: dict[str, LabelTally], before: Counted | None, label: str, start: Millis
) -> Counted:
    """Count a track in a window unless it has been counted there, and return where it is counted.

    In its window a track counts under its newest label only: one that was a dog until it was
    recognised as a cat is one cat. In earlier windows it stays what it was.
    """
    if before is None or before.start != start:
        now = Counted(start, label, new=before is None)
    elif before.label == label:
        return before
    else:
        now = before._replace(label=label)
        _add(labels, before.label, -1, new=before.new)
    _add(labels, label, 1, new=now.new)
    return now


def _add(labels: dict[str, LabelTally], label: str, number: int, *, new: bool) -> None:
    tally = labels.get(label, NOTHING)
    labels[label] = replace(
        tally, unique=tally.unique + number, new=tally.new + (number if new else 0)
    )


def close(
    tallies: Tallies, camera: Camera, now: int, window_ms: int, grace_ms: int
) -> tuple[Tallies, list[WindowCount]]:
    """Return the tallies, and the counts to emit now.

    A window is emitted when it ended `grace_ms` ago, and again when a late frame has changed it.
    It is forgotten when it is final, unless it is one of the last few.
    """
    ended = now - window_ms - grace_ms
    old = len(tallies.windows) - WINDOWS_KEPT
    if not [
        window
        for number, window in enumerate(tallies.windows)
        if (window.start <= ended and window.frames > window.emitted_frames)
        or (number < old and is_final(window.start, now, window_ms, grace_ms))
    ]:
        return tallies, []  # nothing is to be emitted or forgotten, as with nearly every frame
    seen_at = {
        label: at for label, at in tallies.label_seen_at.items() if now - at <= LABEL_MEMORY_MS
    }
    labels = {*ALWAYS_COUNTED, *seen_at, *(label for rule in camera.rules for label in rule.labels)}
    kept, counts = [], []
    for number, window in enumerate(tallies.windows):
        end = window.start + window_ms
        closed = window
        if end + grace_ms <= now and window.frames > window.emitted_frames:
            closed = replace(window, revision=window.revision + 1, emitted_frames=window.frames)
            counts += [
                _window_count(closed, camera, label, end)
                for label in sorted(labels.union(window.labels))
            ]
        if number >= old or not is_final(window.start, now, window_ms, grace_ms):
            kept.append(closed)
    return replace(tallies, windows=tuple(kept), label_seen_at=seen_at), counts


def is_final(at: Millis, now: int, window_ms: int, grace_ms: int) -> bool:
    """Whether the window that a time belongs to can no longer be corrected."""
    return at - at % window_ms + window_ms + grace_ms + LATENESS_MS <= now


def _window_count(window: Window, camera: Camera, label: str, end: Millis) -> WindowCount:
    tally = window.labels.get(label, NOTHING)
    zones = [zone.name for zone in camera.zones]
    lines = [line.name for line in camera.lines]
    return WindowCount(
        camera_id=camera.camera_id,
        site=camera.site,
        timezone=camera.timezone,
        label=label,
        window_start=window.start,
        window_end=end,
        frames=window.frames,
        maximum=tally.largest,
        mean=tally.total / window.frames,
        unique=tally.unique,
        new=tally.new,
        entered=_with_zeros(zones, tally.events.get("entered", {})),
        left=_with_zeros(zones, tally.events.get("left", {})),
        crossed_in=_with_zeros(lines, tally.events.get("in", {})),
        crossed_out=_with_zeros(lines, tally.events.get("out", {})),
        revision=window.revision,
    )


def _with_zeros(borders: Iterable[str], numbers: Mapping[str, int]) -> Mapping[str, int]:
    return dict.fromkeys(borders, 0) | dict(numbers)
