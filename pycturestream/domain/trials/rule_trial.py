"""Rules tried on the past: which alerts what was seen would have led to.

The frames that were looked at are followed and judged once more, as the live job does it. What
the job knew besides, the log tells too: when the camera was away, and when pictures were dropped.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras import presence
from pycturestream.domain.cameras.camera import Camera, Zone
from pycturestream.domain.pipeline import step
from pycturestream.domain.pipeline.step import (
    OVERLOOKING,
    CameraMemory,
    FrameDetections,
    Output,
    PipelineLimits,
)
from pycturestream.domain.threats import camera_rules
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.object_rules import Explained
from pycturestream.domain.times import DAY_MS, HOUR_MS, Millis, parse_rfc3339

LEAD_MS = HOUR_MS
"""What is judged was followed for so long before: a car that has been parked since then is in an
alert already, and raises none when the trial begins."""
UNUSUAL_LEAD_MS = 15 * DAY_MS
"""What is unusual is held against ten earlier working days, which are two weeks."""

Json = Mapping[str, Any]


class Background(Struct, frozen=True):
    """What the log tells of a camera besides what was seen; all in the order of time."""

    comings: tuple[tuple[Millis, bool], ...] = ()
    """When it was told to be online (True) or offline."""
    overlooked: tuple[Millis, ...] = ()
    """The beginnings of those windows of its books in which frames were dropped unseen."""


class Trial(Struct, frozen=True):
    """The settings of one camera that are tried, and on what."""

    camera: Camera
    background: Background
    limits: PipelineLimits
    masks: tuple[Zone, ...] = ()
    """That the pictures of the past did not have: what is in them is not seen in the trial."""


Step = tuple[CameraMemory, list[AlertChange]]


def read_background(events: Iterable[Json]) -> Background:
    """Return what records of `camera-events` of one camera tell."""
    comings, overlooked = [], []
    for event in events:
        at = parse_rfc3339(event["at"])
        if event["event"] in {"online", "offline"}:
            comings.append((at, event["event"] == "online"))
        elif "frames" in event and not OVERLOOKING.isdisjoint(event["frames"]["dropped"]):
            overlooked.append(at)
    return Background(tuple(sorted(comings)), tuple(sorted(overlooked)))


def lead_ms(cameras: Iterable[Camera]) -> int:
    """Return how long before a trial begins its cameras must be followed."""
    unusual = any(rule.about.startswith("unusually") for c in cameras for rule in c.rules)
    return UNUSUAL_LEAD_MS if unusual else LEAD_MS


def new_masks(today: Camera, tried: Camera) -> tuple[Zone, ...]:
    """Return the masks that hide what today's do not; names don't matter."""
    known = {mask.polygon for mask in today.masks}
    return tuple(mask for mask in tried.masks if mask.polygon not in known)


def run(
    trials: Sequence[Trial], history: Iterable[FrameDetections], until: Millis
) -> list[list[AlertChange]]:
    """Return, for each of the trials, how each alert stands in the end.

    All see the same frames of one camera, in the order of their capture, once and one by one.
    """
    memories = [CameraMemory() for _ in trials]
    newest: list[dict[str, AlertChange]] = [{} for _ in trials]
    for found in history:
        for number, trial in enumerate(trials):
            memories[number], changes = observe(memories[number], trial, found)
            newest[number] |= _by_alert(changes)
    for number, trial in enumerate(trials):
        _, changes = end(memories[number], trial, until)
        newest[number] |= _by_alert(changes)
    return [list(alerts.values()) for alerts in newest]


def explain(
    trial: Trial, history: Iterable[FrameDetections]
) -> tuple[Scene, tuple[Explained, ...]] | None:
    """Return what the last of the frames shows and why each rule holds in it; None: no frames."""
    memory, newest = CameraMemory(), None
    for found in history:
        if newest is not None:
            memory, _ = observe(memory, trial, newest)
        newest = found
    if newest is None:
        return None
    memory, _ = approach(memory, trial, newest)
    return step.explain(memory, trial.camera, unmasked(trial, newest), trial.limits)


def observe(memory: CameraMemory, trial: Trial, found: FrameDetections) -> Step:
    """Take in one frame; frames must come in the order of their capture."""
    memory, outputs = approach(memory, trial, found)
    memory, told = step.observe(memory, trial.camera, unmasked(trial, found), trial.limits)
    return memory, [*outputs, *_alerts(told)]


def approach(memory: CameraMemory, trial: Trial, found: FrameDetections) -> Step:
    """Return the memory in front of a frame, and the alerts that changed until then."""
    at = found.frame.captured_at
    overlooked = memory.overlooked or _was_overlooked(memory, trial, at)
    memory, outputs = _live(memory, trial, at)
    return replace(memory, overlooked=overlooked), outputs


def unmasked(trial: Trial, found: FrameDetections) -> FrameDetections:
    """Return a frame without what is in the middle of a new mask."""
    if not trial.masks:
        return found
    kept = tuple(
        detection
        for detection in found.detections
        if not any(mask.contains(detection.box.center) for mask in trial.masks)
    )
    return replace(found, detections=kept)


def end(memory: CameraMemory, trial: Trial, until: Millis) -> Step:
    """Let the rest of the time pass. What is open while the camera sends stays open."""
    memory, outputs = _live(memory, trial, until)
    if memory.clock and (_is_silent_by_right(trial.camera) or not memory.presence.online):
        memory, told = step.advance(memory, trial.camera, until, trial.limits)
        outputs += _alerts(told)
    return memory, outputs


def _live(memory: CameraMemory, trial: Trial, until: Millis) -> Step:
    """Let the camera come and go as the log tells it; a gap between frames alone says nothing.

    Its frames may have been dropped or refused, or nobody was there to see them. Of a camera that
    motion alone makes send nothing is told, and its silence is judged as always.
    """
    camera, limits = trial.camera, trial.limits
    outputs: list[Output] = []
    if not memory.clock or _is_silent_by_right(camera):
        return memory, []
    for at, online in _between(trial.background.comings, memory.clock, until):
        if not online:
            memory = _hear(memory, camera, at - limits.offline_after_ms)
        memory, told = step.advance(memory, camera, at, limits)
        outputs += told
        if online:
            memory = _hear(memory, camera, at)
    if memory.presence.online:
        memory = _hear(memory, camera, until)
    return memory, _alerts(outputs)


def _is_silent_by_right(camera: Camera) -> bool:
    return camera.motion.gate == "trigger"


def _was_overlooked(memory: CameraMemory, trial: Trial, at: Millis) -> bool:
    """Whether frames were dropped between the last look and this one, as far as the log tells it.

    The books say it of a whole window. Where the camera was away in it, one of those frames must
    have been heard of before or after.
    """
    starts = trial.background.overlooked
    last = bisect_right(starts, at) - 1
    if last < 0 or starts[last] + trial.limits.count_window_ms <= memory.newest_at:
        return False
    comings = _between(trial.background.comings, memory.newest_at, at)
    signs = [
        coming if online else coming - trial.limits.offline_after_ms for coming, online in comings
    ]
    return not signs or any(memory.newest_at < sign < at for sign in signs)


def _hear(memory: CameraMemory, camera: Camera, at: Millis) -> CameraMemory:
    heard, _ = presence.mark_online(memory.presence, camera.camera_id, at)
    return replace(memory, presence=heard, rule_state=camera_rules.welcome(memory.rule_state, at))


def _between(
    comings: Sequence[tuple[Millis, bool]], after: Millis, until: Millis
) -> Sequence[tuple[Millis, bool]]:
    first = bisect_right(comings, (after, True))
    return comings[first : bisect_right(comings, (until, True))]


def _alerts(outputs: Iterable[Output]) -> list[AlertChange]:
    return [output for output in outputs if isinstance(output, AlertChange)]


def _by_alert(changes: Iterable[AlertChange]) -> dict[str, AlertChange]:
    return {change.alert.alert_id: change for change in changes}
