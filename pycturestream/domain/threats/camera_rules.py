"""Rules about the camera itself: it is away, its clock, its view or its hour is a strange one."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.cameras.camera import DEFAULT_FOR_MS, TAMPERING, Camera, Rule
from pycturestream.domain.cameras.presence import Presence
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.threats import conditions, hourly_baseline, reason
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.hourly_baseline import HourlyBaseline
from pycturestream.domain.threats.rule_state import RuleState, change
from pycturestream.domain.threats.view_baseline import ViewBaseline, fault_of
from pycturestream.domain.threats.view_baseline import follow as follow_view
from pycturestream.domain.times import Millis


def judge(
    rule_state: RuleState, scene: Scene, clock_off_ms: int, unseen_ms: int
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the memory after a frame, and the alerts that it raises.

    `clock_off_ms` is what the camera's clock is ahead, 0 for a right one; `unseen_ms` how long
    ago the frame before this one was.
    """
    wrong_since = (rule_state.clock_wrong_since or scene.at) if clock_off_ms else 0
    if wrong_since != rule_state.clock_wrong_since:
        rule_state = replace(rule_state, clock_wrong_since=wrong_since)
    rules = [rule for rule in scene.camera.rules if rule.about not in ("things", "offline")]
    if not rules:
        known_no_more = rule_state.hourly_baselines or rule_state.view_baseline.views
        return replace(
            rule_state, hourly_baselines={}, view_baseline=ViewBaseline()
        ) if known_no_more else rule_state, ()
    known = _follow(rule_state.hourly_baselines, rules, scene, unseen_ms)
    view_baseline = _update_view(rule_state.view_baseline, rules, scene)
    rule_state = replace(rule_state, hourly_baselines=known, view_baseline=view_baseline)
    fault = fault_of(view_baseline) if scene.measure else None
    changes = []
    for rule in rules:
        if not conditions.in_schedule(rule, scene.camera, scene.at):
            continue
        if rule.about == "clock-wrong":
            begin = wrong_since
            why = reason.of_clock(wrong_since, clock_off_ms, scene.camera.timezone)
        elif fault and fault[0] == rule.about:
            begin = fault[1]
            why = reason.of_tampering(*fault, scene, view_baseline)
        elif rule.name in known and (unusual := known[rule.name].unusual):
            begin = unusual[0]
            why = reason.of_unusual_hour(rule, *unusual, scene.camera.timezone)
        else:
            begin = 0
        if begin and scene.at - begin >= rule.for_ms:
            rule_state, told = _tell(rule_state, rule, scene, begin, why)
            changes += told
    return rule_state, tuple(changes)


def _follow(
    known: Mapping[str, HourlyBaseline], rules: list[Rule], scene: Scene, unseen_ms: int
) -> Mapping[str, HourlyBaseline]:
    living = {track.track_id for track in scene.living}
    return {
        rule.name: hourly_baseline.follow(
            known.get(rule.name, HourlyBaseline()), rule, scene, living, unseen_ms
        )
        for rule in rules
        if rule.about in ("unusually-quiet", "unusually-busy")
    }


def _update_view(view_baseline: ViewBaseline, rules: list[Rule], scene: Scene) -> ViewBaseline:
    """Return what is known of the camera's views; nothing, where no rule asks for it."""
    if not any(rule.about in TAMPERING for rule in rules):
        return ViewBaseline()
    if not scene.measure:
        return view_baseline
    moved_after_ms = max(
        (rule.for_ms for rule in rules if rule.about == "moved"),
        default=DEFAULT_FOR_MS["moved"],
    )
    return follow_view(view_baseline, scene.measure, scene.at, moved_after_ms)


def _tell(
    rule_state: RuleState, rule: Rule, scene: Scene, since: Millis, why: str
) -> tuple[RuleState, list[AlertChange]]:
    """Open an alert, or go on with the one that is open."""
    if any(alert.rule == rule.name for alert in rule_state.alerts):
        alerts = tuple(
            replace(alert, seen_at=scene.at) if alert.rule == rule.name else alert
            for alert in rule_state.alerts
        )
        return replace(rule_state, alerts=alerts), []
    alert = _opened(rule, scene.camera, since, scene.at, why, scene.frame_id)
    told = change(scene.camera, "raised", alert, scene.at)
    return replace(rule_state, alerts=(*rule_state.alerts, alert)), [told]


def mark_offline(
    rule_state: RuleState, camera: Camera, presence: Presence, now: int, offline_after_ms: int
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the memory while a camera is away, and the alerts that say so by now."""
    raised = []
    for rule, due in _dues(rule_state, camera, presence, offline_after_ms):
        if due <= now:
            why = reason.of_absence(presence.last_seen_at, camera.timezone)
            alert = _opened(rule, camera, presence.last_seen_at, due, why, None)
            raised.append(change(camera, "raised", replace(alert, on_hold=True), due))
    alerts = (*rule_state.alerts, *(told.alert for told in raised))
    return replace(rule_state, alerts=alerts) if raised else rule_state, tuple(raised)


def next_due(
    rule_state: RuleState, camera: Camera, presence: Presence, offline_after_ms: int
) -> list[Millis]:
    """Return when there is something to say of a camera that stays away."""
    return [due for _, due in _dues(rule_state, camera, presence, offline_after_ms)]


def hold(rule_state: RuleState, camera: Camera, offline_at: Millis) -> RuleState:
    """Return the memory in which alerts about an absence go on with the next one.

    A camera that was back for less than the alert's `clear_after` was not back.
    """
    absences = {rule.name for rule in camera.rules if rule.about == "offline"}
    if not any(alert.rule in absences for alert in rule_state.alerts):
        return rule_state
    alerts = tuple(
        replace(alert, on_hold=True)
        if alert.rule in absences and alert.clears_at > offline_at
        else alert
        for alert in rule_state.alerts
    )
    return replace(rule_state, alerts=alerts)


def welcome(rule_state: RuleState, at: Millis) -> RuleState:
    """Return the memory after a sign of life: what said that the camera is away runs out."""
    if not any(alert.on_hold for alert in rule_state.alerts):
        return rule_state
    alerts = tuple(
        replace(alert, on_hold=False, seen_at=max(at, alert.seen_at)) if alert.on_hold else alert
        for alert in rule_state.alerts
    )
    return replace(rule_state, alerts=alerts)


def _dues(
    rule_state: RuleState, camera: Camera, presence: Presence, offline_after_ms: int
) -> Iterator[tuple[Rule, Millis]]:
    """Yield the rules that an absence breaks and that have no alert yet, and when they do."""
    # The silence of a camera that motion alone makes send is a good sign.
    if presence.online or not presence.last_seen_at or camera.motion.gate == "trigger":
        return
    told = {alert.rule for alert in rule_state.alerts}
    for rule in camera.rules:
        if rule.about == "offline" and rule.name not in told:
            yield rule, presence.last_seen_at + max(rule.for_ms, offline_after_ms)


def _opened(
    rule: Rule, camera: Camera, since: Millis, at: Millis, why: str, evidence: str | None
) -> Alert:
    return Alert(
        # Not from when it began: the same wrong clock is a new situation after a long silence.
        alert_id=f"{rule.name}:{frame_id(camera.camera_id, at)}",
        rule=rule.name,
        level=rule.level,
        label=None,
        zones=(),
        track_ids=(),
        frame_id=evidence,
        raised_at=at,
        seen_at=at,
        clear_after_ms=rule.clear_after_ms,
        reason=why,
        since=since,
    )
