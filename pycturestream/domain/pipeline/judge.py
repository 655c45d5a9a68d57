"""The third step: each frame is judged by its camera's rules, and alerts are raised and cleared."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain import attention
from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.attention import AttentionState, RateRequest
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline.events import Judgement, PresenceChange, TrackedFrame
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.threats import camera_rules, object_rules
from pycturestream.domain.threats import rule_state as rule_states
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.object_rules import RuleExplanation
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.times import Millis, clamp_times
from pycturestream.domain.tracking.track import STATIONARY_LIFE_MS
from pycturestream.domain.zones.zone_state import ZoneEvent


class JudgeState(Struct, frozen=True, array_like=True):
    """What is remembered of a camera between two of its frames to judge by."""

    clock: Millis = 0
    """The latest time that this camera has reached while it was offline, or until then."""
    last_seen_at: Millis | None = 0
    """Of a camera that is offline; 0: it was never seen. None: it is online."""
    rule_state: RuleState = field(default_factory=RuleState)
    attention: AttentionState = field(default_factory=AttentionState)


Output = Judgement | PresenceChange | AlertChange | RateRequest
Step = tuple[JudgeState, list[Output]]


def step(
    state: JudgeState, event: TrackedFrame | PresenceChange, camera: Camera, limits: PipelineLimits
) -> Step:
    """Return the state after one more event, and what is emitted in the order of the log."""
    if isinstance(event, TrackedFrame):
        return _judge(state, event, camera, limits)
    outputs: list[Output]
    if event.online:
        state, outputs = pass_time(state, camera, event.clock, limits)
        return mark_online(state, event.at), [*outputs, event]
    if state.last_seen_at is None:
        rule_state = camera_rules.hold_offline_alerts(
            state.rule_state, camera, event.at + limits.offline_after_ms
        )
        state = replace(state, rule_state=rule_state)
    state = replace(state, last_seen_at=event.at)
    state, outputs = pass_time(state, camera, event.clock, limits)
    return state, [*outputs, event]


def pass_time(state: JudgeState, camera: Camera, now: Millis, limits: PipelineLimits) -> Step:
    """Let time pass: clear alerts, and raise those about an absence. It never runs back."""
    if state.last_seen_at is None:
        # While the camera sends, only a frame can show what has ended; some may be on their way.
        return state, []
    now = max(now, state.clock)
    rule_state, cleared = rule_states.clear(state.rule_state, camera, now)
    rule_state, raised = camera_rules.raise_offline_alerts(
        rule_state, camera, state.last_seen_at, now, limits.offline_after_ms
    )
    return replace(state, clock=now, rule_state=rule_state), [*cleared, *raised]


def newest_time(state: JudgeState) -> Millis:
    """Return the latest time that is remembered, but for some seconds."""
    return max(state.clock, state.last_seen_at or 0, state.attention.requested_at)


def step_back(state: JudgeState, _camera: Camera, latest: Millis, _limits: PipelineLimits) -> Step:
    """Return the state after a clock was set back: nothing in it is later than `latest`.

    But for when alerts were raised, which their records already say.
    """
    clamped = clamp_times(state, latest)
    alerts = tuple(
        replace(alert, raised_at=before.raised_at, since=before.since)
        for before, alert in zip(state.rule_state.alerts, clamped.rule_state.alerts, strict=True)
    )
    return replace(clamped, rule_state=replace(clamped.rule_state, alerts=alerts)), []


def finish(state: JudgeState, camera: Camera, limits: PipelineLimits) -> Step:
    """Bring a bounded history to its end: nothing more comes, and no camera counts as offline."""
    camera = replace(camera, rules=tuple(r for r in camera.rules if r.about != "offline"))
    if state.last_seen_at is None:
        state = replace(state, last_seen_at=0)
    over_at = max((alert.clears_at for alert in state.rule_state.alerts), default=state.clock)
    return pass_time(state, camera, over_at, limits)


def next_deadline(state: JudgeState, camera: Camera, limits: PipelineLimits) -> Millis | None:
    """Return when `pass_time` has something to do though no frame comes, if ever."""
    if state.last_seen_at is None:
        return None
    alerts = state.rule_state.alerts
    return min(
        [
            *(alert.clears_at for alert in alerts if not alert.on_hold),
            *camera_rules.offline_deadlines(
                state.rule_state, camera, state.last_seen_at, limits.offline_after_ms
            ),
        ],
        default=None,
    )


def mark_online(state: JudgeState, at: Millis) -> JudgeState:
    """Return the state after a sign of life: alerts about an absence expire from now."""
    if state.last_seen_at is None:
        return state
    rule_state = camera_rules.release_offline_alerts(state.rule_state, at)
    return replace(state, last_seen_at=None, rule_state=rule_state)


def explain(
    state: JudgeState, frame: TrackedFrame, camera: Camera, limits: PipelineLimits
) -> tuple[Scene, tuple[RuleExplanation, ...]]:
    """Return what `step` would see in a frame, and why each rule holds or does not.

    The frame must be the newest. Only rules about objects are explained.
    """
    state, _ = pass_time(state, camera, frame.clock, limits)
    rule_state, scene = _observed(state.rule_state, frame), _scene(frame, camera)
    return scene, object_rules.explain(_warming_up(rule_state, frame, camera), scene)


def _judge(state: JudgeState, frame: TrackedFrame, camera: Camera, limits: PipelineLimits) -> Step:
    state, outputs = pass_time(state, camera, frame.clock, limits)
    if frame.unobserved_ms:
        state = replace(state, rule_state=_observed(state.rule_state, frame))
    state = mark_online(state, frame.at)
    if frame.late:
        # What came after it has been judged already.
        return state, [*outputs, Judgement(frame)]
    scene = _scene(frame, camera)
    rule_state, changes = _judge_by_rules(state.rule_state, scene, frame)
    threats: tuple[Alert, ...] = ()
    if rule_state.alerts:
        in_view = {item.track_id for item in frame.seen}
        threats = tuple(
            alert for alert in rule_state.alerts if not in_view.isdisjoint(alert.track_ids)
        )
    raised = tuple(
        change for change in changes if change.state == "raised" and change.alert.track_ids
    )
    fault = camera_rules.view_fault(rule_state, scene) if camera.judges_its_view else None
    outputs += [Judgement(frame, threats, raised, fault), *changes]
    attention_state = state.attention
    if limits.mode == "live":  # the past can't be captured at another rate
        attention_state, requests = attention.attend(
            attention_state,
            camera,
            frame.seen,
            frame.at,
            in_alert=any(alert.track_ids for alert in rule_state.alerts),
        )
        outputs += requests
    return JudgeState(state.clock, None, rule_state, attention_state), outputs


def _judge_by_rules(
    rule_state: RuleState, scene: Scene, frame: TrackedFrame
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Judge the newest frame by the camera's rules; then clear the alerts that have ended."""
    camera, at = scene.camera, scene.at
    rule_state = _warming_up(rule_state, frame, camera)
    rule_state, changes = object_rules.judge(rule_state, scene)
    rule_state, of_camera = camera_rules.judge(
        rule_state, scene, frame.clock_off_ms, at - frame.previous_at
    )
    is_held = partial(object_rules.is_held, rule_state, scene)
    rule_state, cleared = rule_states.clear(rule_state, camera, at, is_held)
    rule_state, dropped_rules = rule_states.drop_rule(rule_state, camera, at)
    return rule_state, (*cleared, *dropped_rules, *changes, *of_camera)


def _observed(rule_state: RuleState, frame: TrackedFrame) -> RuleState:
    """Return the rule state after the time before a frame in which none was processed."""
    if not frame.unobserved_ms:
        return rule_state
    return rule_states.skip_unobserved(rule_state, frame.unobserved_ms)


def _warming_up(rule_state: RuleState, frame: TrackedFrame, camera: Camera) -> RuleState:
    """Return the rule state, whose warm-up begins again where no track can have survived."""
    if frame.at - frame.previous_at - frame.unobserved_ms <= STATIONARY_LIFE_MS:
        return rule_state
    return replace(rule_state, warm_at=frame.at + camera.warm_up_ms)


def _scene(frame: TrackedFrame, camera: Camera) -> Scene:
    return Scene(
        camera,
        frame.frame_id,
        frame.at,
        frame.seen,
        frozenset(frame.living),
        _by_track(frame.zone_events) if frame.zone_events else {},
        frame.measure,
        frame.hidden,
        frame.view_fault,
    )


def _by_track(zone_events: Sequence[ZoneEvent]) -> Mapping[str, Sequence[ZoneEvent]]:
    by_track: dict[str, list[ZoneEvent]] = {}
    for zone_event in zone_events:
        by_track.setdefault(zone_event.track_id, []).append(zone_event)
    return by_track
