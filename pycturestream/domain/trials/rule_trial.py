"""Rules tried on the past: the alerts that they would have raised.

The detections of the log are tracked and judged again, as by the live job. What else the job knew
is in the log, too: when the camera was offline, and when frames were dropped.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras.camera import Camera, Zone
from pycturestream.domain.cameras.presence import mark_online
from pycturestream.domain.pipeline import chain, judge
from pycturestream.domain.pipeline.chain import CameraState
from pycturestream.domain.pipeline.events import FrameDetections, Output
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.pipeline.track import UNOBSERVED_DROPS
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.object_rules import RuleExplanation
from pycturestream.domain.times import DAY_MS, HOUR_MS, Millis, parse_rfc3339

LEAD_MS = HOUR_MS
"""How long before the trial tracking begins: a car that has been parked since then is in an alert
already, and raises none when the trial begins."""
UNUSUAL_LEAD_MS = 15 * DAY_MS
"""Unusual hours are compared with ten earlier working days, which are two weeks."""

Json = Mapping[str, Any]


class Background(Struct, frozen=True):
    """What the log contains about a camera besides detections; all in the order of time."""

    presence_changes: tuple[tuple[Millis, bool], ...] = ()
    """When it went online (True) or offline."""
    unobserved: tuple[Millis, ...] = ()
    """The starts of the accounting windows in which frames were dropped unobserved."""


class Trial(Struct, frozen=True):
    """The trial settings of one camera, and what they are tried on."""

    camera: Camera
    background: Background
    limits: PipelineLimits
    masks: tuple[Zone, ...] = ()
    """Masks that the pictures of the past did not have: objects in them are ignored."""


TrialStep = tuple[CameraState, list[AlertChange]]
"""The state after an event, and the alerts that changed."""


def read_background(events: Iterable[Json]) -> Background:
    """Return the background in records of `camera-events` of one camera."""
    presence_changes, unobserved = [], []
    for event in events:
        at = parse_rfc3339(event["at"])
        if event["event"] in {"online", "offline"}:
            presence_changes.append((at, event["event"] == "online"))
        elif "frames" in event and not UNOBSERVED_DROPS.isdisjoint(event["frames"]["dropped"]):
            unobserved.append(at)
    return Background(tuple(sorted(presence_changes)), tuple(sorted(unobserved)))


def lead_ms(cameras: Iterable[Camera]) -> int:
    """Return how long before a trial tracking must begin, in ms."""
    unusual = any(rule.about.startswith("unusually") for c in cameras for rule in c.rules)
    return UNUSUAL_LEAD_MS if unusual else LEAD_MS


def new_masks(current: Camera, candidate: Camera) -> tuple[Zone, ...]:
    """Return the masks that the current settings don't have; names don't matter."""
    polygons = {mask.polygon for mask in current.masks}
    return tuple(mask for mask in candidate.masks if mask.polygon not in polygons)


def with_new_masks(current: Camera, candidate: Camera) -> Camera:
    """Return candidate settings for the pictures of the past, with new masks only."""
    return replace(candidate, masks=new_masks(current, candidate))


def run(
    trials: Sequence[Trial], history: Iterable[FrameDetections], until: Millis
) -> list[list[AlertChange]]:
    """Return, for each of the trials, the last change of each alert.

    All trials get the same frames of one camera, in the order of their capture.
    """
    states = [CameraState() for _ in trials]
    newest: list[dict[str, AlertChange]] = [{} for _ in trials]
    for found in history:
        for number, trial in enumerate(trials):
            states[number], changes = observe(states[number], trial, found)
            newest[number] |= _by_alert(changes)
    for number, trial in enumerate(trials):
        _, changes = end(states[number], trial, until)
        newest[number] |= _by_alert(changes)
    return [list(alerts.values()) for alerts in newest]


def explain(
    trial: Trial, history: Iterable[FrameDetections]
) -> tuple[Scene, tuple[RuleExplanation, ...]] | None:
    """Return what the last of the frames shows and why each rule holds in it; None: no frames."""
    state, newest = CameraState(), None
    for found in history:
        if newest is not None:
            state, _ = observe(state, trial, newest)
        newest = found
    if newest is None:
        return None
    state, _ = approach(state, trial, newest)
    return chain.explain(state, unmasked(newest, trial.masks), trial.camera, trial.limits)


def observe(state: CameraState, trial: Trial, found: FrameDetections) -> TrialStep:
    """Take in one frame; frames must come in the order of their capture."""
    state, outputs = approach(state, trial, found)
    state, observed = chain.step(state, unmasked(found, trial.masks), trial.camera, trial.limits)
    return state, [*outputs, *_alerts(observed)]


def approach(state: CameraState, trial: Trial, found: FrameDetections) -> TrialStep:
    """Return the state just before a frame, and the alerts that changed until then."""
    at = found.frame.captured_at
    unobserved = state.track.unobserved or _was_unobserved(state, trial, at)
    state, outputs = _live(state, trial, at)
    return replace(state, track=replace(state.track, unobserved=unobserved)), outputs


def unmasked(found: FrameDetections, masks: Sequence[Zone]) -> FrameDetections:
    """Return a frame without the detections whose center is in one of these new masks."""
    if not masks:
        return found
    kept = tuple(
        detection
        for detection in found.detections
        if not any(mask.contains(detection.box.center) for mask in masks)
    )
    return replace(found, detections=kept)


def end(state: CameraState, trial: Trial, until: Millis) -> TrialStep:
    """Let the rest of the time pass. Alerts that are open while the camera sends stay open."""
    state, outputs = _live(state, trial, until)
    if _clock(state) and (_sends_only_on_motion(trial.camera) or not _is_online(state)):
        state, ending = chain.pass_time(state, trial.camera, until, trial.limits)
        outputs += _alerts(ending)
    return state, outputs


def _live(state: CameraState, trial: Trial, until: Millis) -> TrialStep:
    """Mark the camera online and offline as in the log; a gap between frames alone means nothing.

    The frames of the gap may have been dropped or rejected, or the job was not running. For a
    camera that sends only on motion no such events are emitted; its time without frames counts.
    """
    camera, limits = trial.camera, trial.limits
    outputs: list[Output] = []
    if not _clock(state) or _sends_only_on_motion(camera):
        return state, []
    for at, online in _between(trial.background.presence_changes, _clock(state), until):
        if not online:
            state = _mark_online(state, trial, at - limits.offline_after_ms)
        state, passed = chain.pass_time(state, camera, at, limits)
        outputs += passed
        if online:
            state = _mark_online(state, trial, at)
    if _is_online(state):
        state = _mark_online(state, trial, until)
    return state, _alerts(outputs)


def _clock(state: CameraState) -> Millis:
    return state.track.clock


def _is_online(state: CameraState) -> bool:
    return state.track.presence.online


def _sends_only_on_motion(camera: Camera) -> bool:
    return camera.motion.gate == "trigger"


def _was_unobserved(state: CameraState, trial: Trial, at: Millis) -> bool:
    """Whether frames were dropped between the last frame and this one, as far as the log shows.

    Frame accounts show it only for a whole window. Where the camera was offline in that window, one
    of the dropped frames must have arrived before or after.
    """
    starts = trial.background.unobserved
    last = bisect_right(starts, at) - 1
    newest_at = state.track.newest_at
    if last < 0 or starts[last] + trial.limits.count_window_ms <= newest_at:
        return False
    presence_changes = _between(trial.background.presence_changes, newest_at, at)
    arrivals = [
        changed_at if online else changed_at - trial.limits.offline_after_ms
        for changed_at, online in presence_changes
    ]
    return not arrivals or any(newest_at < arrival < at for arrival in arrivals)


def _mark_online(state: CameraState, trial: Trial, at: Millis) -> CameraState:
    presence, _ = mark_online(state.track.presence, trial.camera.camera_id, at)
    return replace(
        state,
        track=replace(state.track, presence=presence),
        judge=judge.mark_online(state.judge, at),
    )


def _between(
    presence_changes: Sequence[tuple[Millis, bool]], after: Millis, until: Millis
) -> Sequence[tuple[Millis, bool]]:
    first = bisect_right(presence_changes, (after, True))
    return presence_changes[first : bisect_right(presence_changes, (until, True))]


def _alerts(outputs: Iterable[Output]) -> list[AlertChange]:
    return [output for output in outputs if isinstance(output, AlertChange)]


def _by_alert(changes: Iterable[AlertChange]) -> dict[str, AlertChange]:
    return {change.alert.alert_id: change for change in changes}
