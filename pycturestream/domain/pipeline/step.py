"""The second half of the detection job as one pure step per camera.

A frame's detections become tracks, tracks are judged by the rules, and the results are counted and
narrated. The whole state of a camera is one value, and all time comes with the events. So the same
events give the same results, wherever and however often they are replayed.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from pycturestream.domain import attention, narration
from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras import presence
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.counting import window_count
from pycturestream.domain.frames import accounting, admission
from pycturestream.domain.frames.admission import NO_CAMERA, Admitted, Dropped, DropReason, Rejected
from pycturestream.domain.frames.dead_letter import dead_letter_event
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.narration import Narration
from pycturestream.domain.pipeline import timing
from pycturestream.domain.pipeline.state import (
    CameraState,
    FrameDetections,
    JudgedFrame,
    Output,
    PipelineLimits,
    Step,
)
from pycturestream.domain.threats import camera_rules, object_rules
from pycturestream.domain.threats import rule_state as rule_states
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.object_rules import RuleExplanation
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking import tracks as tracking
from pycturestream.domain.tracking.scene import SeenObject, see
from pycturestream.domain.tracking.tracks import STATIONARY_LIFE_MS
from pycturestream.domain.zones import zone_state
from pycturestream.domain.zones.zone_state import NO_ZONES, ZoneEvent, ZoneStates

OBSERVED_MS = 1_000
"""How long after a processed frame a camera counts as observed though its next frames are dropped:
under overload, processed frames are that far apart."""
UNOBSERVED_DROPS: frozenset[DropReason] = frozenset({"stale", "superseded", "overload"})
"""Drop reasons of frames that may show something new, which then goes unobserved."""
DUPLICATES_REMEMBERED = 32
"""A producer repeats what was not acknowledged: a handful of frames, soon after."""


def observe(
    state: CameraState, camera: Camera, found: FrameDetections, limits: PipelineLimits
) -> Step:
    """Process one frame, or drop it where it is unwanted."""
    dropped = unwanted(state, found, limits)
    if dropped:
        return drop(state, camera, dropped, limits)
    return process(state, camera, found, limits)


def unwanted(state: CameraState, found: FrameDetections, limits: PipelineLimits) -> Dropped | None:
    """Return why a frame must not be processed, or None.

    Live mode takes only newer frames. A replay also takes late ones, as far back as it remembers
    which it has seen: beyond that, a late frame can't be told from a history published twice.
    """
    frame = found.frame
    reason: DropReason | None = None
    if _fingerprint(found) in state.recent:
        reason = "duplicate"
    elif frame.captured_at <= state.newest_at and (
        limits.mode == "live"
        or frame.captured_at == state.newest_at
        or (
            len(state.recent) == DUPLICATES_REMEMBERED
            and frame.captured_at < min(at for at, _ in state.recent)
        )
    ):
        reason = "out-of-order"
    return reason and admission.drop(frame, reason)


def process(
    state: CameraState, camera: Camera, found: FrameDetections, limits: PipelineLimits
) -> Step:
    """Process a frame that is not `unwanted`: the caller has asked, once."""
    frame = found.frame
    # Time first: what ended before this frame was emitted then, if a crash made the frame return.
    state, outputs = timing.advance(state, camera, frame.captured_at, limits)
    unobserved_ms = _unobserved_ms(state, frame.captured_at)
    rule_state = (
        rule_states.skip_unobserved(state.rule_state, unobserved_ms)
        if unobserved_ms
        else state.rule_state
    )
    online, events = presence.mark_online(state.presence, camera.camera_id, frame.captured_at)
    online, clock_events = presence.compare_clock(
        online,
        camera.camera_id,
        frame.captured_at,
        frame.camera_captured_at,
        corrected=frame.clock_corrected,
    )
    state = replace(
        state,
        rule_state=camera_rules.release_offline_alerts(rule_state, frame.captured_at),
        unobserved=False,
        presence=online,
        arrived_at=max(state.arrived_at, frame.received_at),
        recent=(*state.recent, _fingerprint(found))[-DUPLICATES_REMEMBERED:],
        accounts=accounting.count_processed(
            state.accounts, frame.received_at, limits.count_window_ms
        ),
    )
    if frame.captured_at < state.newest_at:
        state, (judged, *results) = _process_late(state, camera, found, limits)
    else:
        state, (judged, *results) = _process_newest(state, camera, found, limits, unobserved_ms)
    # The frame comes before what it led to: where a crash cuts the log in between, the job must
    # find the frame there, or the same results would follow at another time.
    events = [*timing.presence_events(camera, events), *clock_events]
    return state, [*outputs, judged, *events, *results]


def explain(
    state: CameraState, camera: Camera, found: FrameDetections, limits: PipelineLimits
) -> tuple[Scene, tuple[RuleExplanation, ...]]:
    """Return what `process` would see in a frame, and why each rule holds or does not.

    The frame must be the newest. Only rules about objects are explained.
    """
    state, _ = timing.advance(state, camera, found.frame.captured_at, limits)
    unobserved_ms = _unobserved_ms(state, found.frame.captured_at)
    if unobserved_ms:
        rule_state = rule_states.skip_unobserved(state.rule_state, unobserved_ms)
        state = replace(state, rule_state=rule_state)
    scene, _, _ = _track(state, camera, found, unobserved_ms)
    return scene, object_rules.explain(_warming_up(state, scene, unobserved_ms), scene)


def drop(state: CameraState, camera: Camera, dropped: Dropped, limits: PipelineLimits) -> Step:
    """Count a frame that is not processed."""
    accounts = accounting.count_dropped(
        state.accounts, dropped.received_at, limits.count_window_ms, dropped.reason
    )
    unobserved = state.unobserved or (
        limits.mode == "live"
        and dropped.reason in UNOBSERVED_DROPS
        # After a crash what was a duplicate may be stale: it shows nothing that was not seen.
        and dropped.captured_at > state.newest_at
    )
    state, outputs = _mark_seen(replace(state, accounts=accounts), camera, dropped, limits)
    return replace(state, unobserved=unobserved), outputs


def reject(state: CameraState, camera: Camera, rejected: Rejected, limits: PipelineLimits) -> Step:
    """Count a record that became a dead letter, and report it."""
    accounts = accounting.count_dead_letter(
        state.accounts, rejected.received_at, limits.count_window_ms, rejected.reason
    )
    state, outputs = _mark_seen(replace(state, accounts=accounts), camera, rejected, limits)
    return state, [*outputs, dead_letter_event(rejected)]


def _fingerprint(found: FrameDetections) -> tuple[Millis, str]:
    """Return what identifies a frame.

    By its corrected time: with a clock that has stopped, all pictures of a still scene would be
    one.
    """
    return found.frame.captured_at, found.digest


def _process_newest(
    state: CameraState,
    camera: Camera,
    found: FrameDetections,
    limits: PipelineLimits,
    unobserved_ms: int,
) -> Step:
    """Track, judge, count and narrate the newest frame; the judged frame is the first output."""
    scene, zone_states, zone_events = _track(state, camera, found, unobserved_ms)
    at, name, seen, tracks = scene.at, scene.frame_id, scene.seen, scene.living
    rule_state, changes = _judge(state, scene, found.frame, unobserved_ms)
    raised = [change for change in changes if change.state == "raised" and change.alert.track_ids]
    narration_state, text = narration.narrate(state.narration, seen, raised, at)
    outputs: list[Output] = [_judged(camera, name, found, seen, rule_state), *changes]
    if text and camera.narration:
        priority = max((change.alert.level for change in raised), default=0)
        outputs.append(Narration(camera.camera_id, name, at, camera.language, text, priority))
    attention_state = state.attention
    if limits.mode == "live":  # the past can't be captured at another rate
        attention_state, requests = attention.attend(
            attention_state,
            camera,
            seen,
            at,
            in_alert=any(alert.track_ids for alert in rule_state.alerts),
        )
        outputs += requests
    return replace(
        state,
        newest_at=at,
        tracks=tracks,
        zone_states=zone_states,
        rule_state=rule_state,
        narration=narration_state,
        attention=attention_state,
        tallies=state.tallies
        if window_count.is_final(at, state.clock, limits.count_window_ms, limits.grace_ms)
        else window_count.count(
            state.tallies, seen, zone_events, tracks, at, limits.count_window_ms
        ),
    ), outputs


def _process_late(
    state: CameraState,
    camera: Camera,
    found: FrameDetections,
    limits: PipelineLimits,
) -> Step:
    """Record and count a frame of the past; what came after it has been judged already."""
    at = found.frame.captured_at
    name = frame_id(camera.camera_id, at)
    _, sightings = tracking.update_tracks((), found.detections, name, at, found.frame.aspect)
    seen = tuple(
        see(sighting, dict.fromkeys(camera.zones_of(sighting.detection.box.bottom_center), 0))
        for sighting in sightings
    )
    if not window_count.is_final(at, state.clock, limits.count_window_ms, limits.grace_ms):
        tallies = window_count.correct(state.tallies, seen, at, limits.count_window_ms)
        state = replace(state, tallies=tallies)
    return state, [_judged(camera, name, found, seen, RuleState())]


def _track(
    state: CameraState, camera: Camera, found: FrameDetections, unobserved_ms: int
) -> tuple[Scene, ZoneStates, tuple[ZoneEvent, ...]]:
    """Return what the newest frame shows, the zone states of all tracks, and their zone events."""
    at = found.frame.captured_at
    name = frame_id(camera.camera_id, at)
    tracks, sightings = tracking.update_tracks(
        state.tracks, found.detections, name, at, found.frame.aspect, unobserved_ms
    )
    zone_states, zone_events = zone_state.locate(state.zone_states, camera, sightings, tracks, at)
    seen = tuple(
        see(sighting, zone_states.get(sighting.track.track_id, NO_ZONES).dwell_ms())
        for sighting in sightings
    )
    scene = Scene(camera, name, at, seen, tracks, _by_track(zone_events), found.measure)
    return scene, zone_states, zone_events


def _by_track(zone_events: Sequence[ZoneEvent]) -> Mapping[str, Sequence[ZoneEvent]]:
    return {
        zone_event.track_id: [
            other for other in zone_events if other.track_id == zone_event.track_id
        ]
        for zone_event in zone_events
    }


def _judge(
    state: CameraState, scene: Scene, frame: Admitted, unobserved_ms: int
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Judge the newest frame by the camera's rules; then clear the alerts that have ended."""
    camera, at = scene.camera, scene.at
    gap_ms = at - state.newest_at
    rule_state = _warming_up(state, scene, unobserved_ms)
    rule_state, changes = object_rules.judge(rule_state, scene)
    clock_off_ms = frame.camera_captured_at - at if frame.clock_corrected else 0
    rule_state, of_camera = camera_rules.judge(rule_state, scene, clock_off_ms, gap_ms)
    rule_state, cleared = rule_states.clear(rule_state, camera, at)
    rule_state, dropped_rules = rule_states.drop_rule(rule_state, camera, at)
    return rule_state, (*cleared, *dropped_rules, *changes, *of_camera)


def _warming_up(state: CameraState, scene: Scene, unobserved_ms: int) -> RuleState:
    """Return the rule state, whose warm-up begins again where no track can have survived."""
    if scene.at - state.newest_at - unobserved_ms <= STATIONARY_LIFE_MS:
        return state.rule_state
    return replace(state.rule_state, warm_at=scene.at + scene.camera.warm_up_ms)


def _judged(
    camera: Camera,
    name: str,
    found: FrameDetections,
    seen: Sequence[SeenObject],
    rule_state: RuleState,
) -> JudgedFrame:
    in_view = {item.track.track_id for item in seen}
    threats = tuple(alert for alert in rule_state.alerts if not in_view.isdisjoint(alert.track_ids))
    return JudgedFrame(camera, name, found, tuple(seen), threats)


def _unobserved_ms(state: CameraState, captured_at: Millis) -> int:
    """Return for how long before this frame pictures came and none was processed."""
    if not state.unobserved or not state.newest_at:
        return 0
    return max(0, captured_at - state.newest_at - OBSERVED_MS)


def _mark_seen(
    state: CameraState, camera: Camera, record: Dropped | Rejected, limits: PipelineLimits
) -> Step:
    state = replace(state, arrived_at=max(state.arrived_at, record.received_at))
    unknown = record.camera_id == NO_CAMERA or record.reason == "unknown-camera"
    if limits.mode == "replay" or unknown:
        return state, []
    outputs: list[Output] = []
    if record.received_at - state.presence.last_seen_at >= limits.offline_after_ms:
        # It was offline, whether or not the job was there to see it.
        state, outputs = timing.advance(state, camera, record.received_at, limits)
    online, events = presence.mark_online(state.presence, record.camera_id, record.received_at)
    rule_state = camera_rules.release_offline_alerts(state.rule_state, record.received_at)
    return replace(state, presence=online, rule_state=rule_state), [
        *outputs,
        *timing.presence_events(camera, events),
    ]
