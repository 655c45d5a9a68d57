"""What happens to a camera as time passes, with frames or without.

Windows close, alerts end, and the camera goes offline. Time comes with the frames, or from the
caller where none come.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras import presence
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.presence import CameraEvent, Presence
from pycturestream.domain.counting import window_count
from pycturestream.domain.frames import accounting
from pycturestream.domain.pipeline.state import (
    AccountingEvent,
    CameraState,
    Output,
    PipelineLimits,
    Step,
)
from pycturestream.domain.threats import camera_rules
from pycturestream.domain.threats import rule_state as rule_states
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.times import Millis


def advance(state: CameraState, camera: Camera, now: Millis, limits: PipelineLimits) -> Step:
    """Let time pass: close windows, clear alerts, mark the camera offline. Time never runs back."""
    now = max(now, state.clock)
    new_presence, events = presence.mark_offline(
        state.presence, camera.camera_id, now, limits.offline_after_ms
    )
    rule_state, alerts = _advance_rules(state, new_presence, camera, now, limits)
    tallies, counts = window_count.close(
        state.tallies, camera, now, limits.count_window_ms, limits.grace_ms
    )
    arrival_clock = max(now, state.arrived_at) if limits.mode == "live" else state.arrived_at
    accounts, windows = accounting.close(
        state.accounts,
        arrival_clock,
        state.arrived_at,
        limits.count_window_ms,
        limits.grace_ms,
    )
    outputs: list[Output] = [
        *alerts,
        *counts,
        *(AccountingEvent(camera.camera_id, window) for window in windows),
        *presence_events(camera, events),
    ]
    return replace(
        state,
        clock=now,
        presence=new_presence,
        rule_state=rule_state,
        tallies=tallies,
        accounts=accounts,
    ), outputs


def finish(state: CameraState, camera: Camera, limits: PipelineLimits) -> Step:
    """Bring a bounded history to its end: nothing more comes, and no camera counts as offline."""
    camera = replace(camera, rules=tuple(r for r in camera.rules if r.about != "offline"))
    quiet_ms = max(
        limits.offline_after_ms,
        limits.count_window_ms + limits.grace_ms,
        *(alert.clear_after_ms for alert in state.rule_state.alerts),
    )
    end = state.arrived_at + limits.count_window_ms + limits.grace_ms
    return advance(replace(state, arrived_at=end), camera, state.clock + quiet_ms, limits)


def next_deadline(state: CameraState, camera: Camera, limits: PipelineLimits) -> Millis | None:
    """Return when `advance` has something to do though no frame comes, if ever."""
    end = limits.count_window_ms + limits.grace_ms
    online = state.presence.online
    return min(
        [
            *(a.clears_at for a in state.rule_state.alerts if not (online or a.on_hold)),
            *camera_rules.offline_deadlines(
                state.rule_state, camera, state.presence, limits.offline_after_ms
            ),
            *(
                window.start + end
                for window in state.tallies.windows
                if window.frames > window.emitted_frames
            ),
            *(window.start + end for window in state.accounts if window.received > window.emitted),
            *([state.presence.last_seen_at + limits.offline_after_ms] if online else []),
        ],
        default=None,
    )


def presence_events(camera: Camera, events: Sequence[CameraEvent]) -> Sequence[CameraEvent]:
    """Return the events that are emitted when a camera comes or goes.

    None for a camera that sends only on motion: no pictures are a good sign.
    """
    return () if camera.motion.gate == "trigger" else events


def _advance_rules(
    state: CameraState,
    new_presence: Presence,
    camera: Camera,
    now: Millis,
    limits: PipelineLimits,
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the rule state after some time, and what became of alerts meanwhile."""
    rule_state = state.rule_state
    if new_presence.online:
        # While the camera sends, only a frame can show what has ended; some may be on their way.
        return rule_state, ()
    if state.presence.online:
        rule_state = camera_rules.hold_offline_alerts(
            rule_state, camera, new_presence.last_seen_at + limits.offline_after_ms
        )
    rule_state, cleared = rule_states.clear(rule_state, camera, now)
    rule_state, raised = camera_rules.raise_offline_alerts(
        rule_state, camera, new_presence, now, limits.offline_after_ms
    )
    return rule_state, (*cleared, *raised)
