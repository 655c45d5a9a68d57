"""The state of a camera's rules: violations, open alerts and baselines."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert, AlertChange, AlertState
from pycturestream.domain.alerts.wording import ending, in_words
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.threats.hourly_baseline import HourlyBaseline
from pycturestream.domain.threats.view_baseline import ViewBaseline
from pycturestream.domain.threats.violation import Violations
from pycturestream.domain.times import Millis, rfc3339


class RuleState(Struct, frozen=True, array_like=True):
    """What is remembered between frames to judge by."""

    violations: Mapping[str, Violations] = field(default_factory=dict)
    """By rule; those that have none are left out."""
    alerts: tuple[Alert, ...] = ()
    """The open ones."""
    warm_at: Millis = 0
    """Until then violations are tracked, but raise no alert."""
    clock_wrong_since: Millis = 0
    """0: the clock is right."""
    hourly_baselines: Mapping[str, HourlyBaseline] = field(default_factory=dict)
    """By rule."""
    view_baseline: ViewBaseline = field(default_factory=ViewBaseline)


def change(camera: Camera, state: AlertState, alert: Alert, at: Millis) -> AlertChange:
    """Return a change of an alert, ready to be emitted."""
    return AlertChange(camera.camera_id, camera.site, state, alert, at)


def skip_unobserved(rule_state: RuleState, unobserved_ms: int) -> RuleState:
    """Return the state after a time in which no frame was processed.

    That time does not bring open alerts nearer to their end. Objects that were lost in it may
    still be there, under another track.
    """
    alerts = tuple(
        replace(
            alert,
            seen_at=alert.seen_at + unobserved_ms,
            lost=max(alert.lost, alert.at_once),
        )
        for alert in rule_state.alerts
    )
    return replace(rule_state, alerts=alerts)


def clear(
    rule_state: RuleState,
    camera: Camera,
    now: int,
    is_held: Callable[[Alert], bool] = lambda _: False,
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the state without the alerts that have ended by now, and those alerts.

    One that is held has not ended, though nothing has been seen for so long.
    """
    if not rule_state.alerts:
        return rule_state, ()
    over = [
        alert
        for alert in rule_state.alerts
        if not alert.on_hold and alert.clears_at <= now and not is_held(alert)
    ]
    return _close(rule_state, camera, {alert.alert_id: alert.clears_at for alert in over})


def drop_rule(
    rule_state: RuleState, camera: Camera, at: Millis
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the state without the alerts whose rules the camera no longer has, and those."""
    if not rule_state.alerts:
        return rule_state, ()
    rules = {rule.name for rule in camera.rules}
    gone = [alert for alert in rule_state.alerts if alert.rule not in rules]
    ends = {alert.alert_id: at for alert in gone}
    return _close(rule_state, camera, ends, rule_removed=True)


def _close(
    rule_state: RuleState,
    camera: Camera,
    ends: Mapping[str, Millis],
    *,
    rule_removed: bool = False,
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Close the alerts of these ids, each at its end."""
    if not ends:
        return rule_state, ()
    cleared = tuple(
        change(
            camera,
            "cleared",
            _ended(alert, camera, rule_removed=rule_removed),
            ends[alert.alert_id],
        )
        for alert in rule_state.alerts
        if alert.alert_id in ends
    )
    kept = tuple(alert for alert in rule_state.alerts if alert.alert_id not in ends)
    return replace(rule_state, alerts=kept), cleared


def _ended(alert: Alert, camera: Camera, *, rule_removed: bool) -> Alert:
    """Return an alert with its end in its reason.

    An alert that an older program raised has only a text, to which the end is added.
    """
    seen_until = "" if rule_removed else rfc3339(alert.seen_at)
    if alert.facts is None:
        facts = None
        why = f"{alert.reason} {ending(seen_until, camera.language, camera.timezone)}"
    else:
        facts = replace(alert.facts, seen_until=seen_until, rule_removed=rule_removed)
        why = in_words(facts, camera.language)
    return replace(alert, revision=alert.revision + 1, reason=why, facts=facts)
