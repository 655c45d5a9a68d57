"""Rules about the camera itself: it is offline, or its clock, view or hour is unusual."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.alerts.facts import Facts
from pycturestream.domain.alerts.wording import in_words
from pycturestream.domain.cameras.camera import DEFAULT_FOR_MS, TAMPERING, Camera, Rule
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.threats import conditions, hourly_baseline, reason
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.hourly_baseline import HourlyBaseline
from pycturestream.domain.threats.rule_state import RuleState, change
from pycturestream.domain.threats.view_baseline import ViewBaseline, view_fault_of
from pycturestream.domain.threats.view_baseline import update as update_view
from pycturestream.domain.threats.view_fault import ViewFault
from pycturestream.domain.times import Millis


def judge(
    rule_state: RuleState, scene: Scene, clock_off_ms: int, gap_ms: int
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the state after a frame, and the alerts that it raises.

    `clock_off_ms` is how far the camera's clock is ahead, 0 if it is right; `gap_ms` is how long
    ago the previous frame was.
    """
    wrong_since = (rule_state.clock_wrong_since or scene.at) if clock_off_ms else 0
    if wrong_since != rule_state.clock_wrong_since:
        rule_state = replace(rule_state, clock_wrong_since=wrong_since)
    rules = scene.camera.condition_rules
    if not rules:
        obsolete = rule_state.hourly_baselines or rule_state.view_baseline.views
        return replace(
            rule_state, hourly_baselines={}, view_baseline=ViewBaseline()
        ) if obsolete else rule_state, ()
    baselines = _update_hourly(rule_state.hourly_baselines, rules, scene, gap_ms)
    view_baseline = _update_view(rule_state.view_baseline, rules, scene)
    rule_state = replace(rule_state, hourly_baselines=baselines, view_baseline=view_baseline)
    fault = view_fault(rule_state, scene)
    changes = []
    for rule in rules:
        if not conditions.in_schedule(rule, scene.camera, scene.at):
            continue
        if rule.about == "clock-wrong":
            begin = wrong_since
            facts = reason.of_clock(wrong_since, clock_off_ms, scene.camera)
        elif fault and fault.fault == rule.about:
            begin = fault.since
            facts = reason.of_tampering(fault, scene.camera)
        elif rule.name in baselines and (unusual := baselines[rule.name].unusual):
            begin = unusual[0]
            facts = reason.of_unusual_hour(rule, *unusual, scene.camera)
        else:
            continue
        if begin and scene.at - begin >= rule.for_ms:
            rule_state, raised = _raise_or_keep(rule_state, rule, scene, begin, facts)
            changes += raised
    return rule_state, tuple(changes)


def view_fault(rule_state: RuleState, scene: Scene) -> ViewFault | None:
    """Return what is wrong with the view of the frame that was judged last; None: nothing.

    Of a frame of the past, whose picture is gone, that is what was found when it was there.
    """
    if scene.measure and scene.measure.thumbnail:
        return view_fault_of(rule_state.view_baseline, scene.measure)
    return scene.view_fault


def _update_hourly(
    baselines: Mapping[str, HourlyBaseline], rules: Sequence[Rule], scene: Scene, gap_ms: int
) -> Mapping[str, HourlyBaseline]:
    return {
        rule.name: hourly_baseline.update(
            baselines.get(rule.name, HourlyBaseline()), rule, scene, gap_ms
        )
        for rule in rules
        if rule.about in ("unusually-quiet", "unusually-busy")
    }


def _update_view(view_baseline: ViewBaseline, rules: Sequence[Rule], scene: Scene) -> ViewBaseline:
    """Return the view baseline after a frame; an empty one where no rule needs it."""
    if not any(rule.about in TAMPERING for rule in rules):
        return ViewBaseline()
    if not (scene.measure and scene.measure.thumbnail):
        return view_baseline
    moved_after_ms = max(
        (rule.for_ms for rule in rules if rule.about == "moved"),
        default=DEFAULT_FOR_MS["moved"],
    )
    return update_view(view_baseline, scene.measure, scene.at, moved_after_ms)


def _raise_or_keep(
    rule_state: RuleState, rule: Rule, scene: Scene, since: Millis, facts: Facts
) -> tuple[RuleState, list[AlertChange]]:
    """Raise an alert, or keep the one that is open."""
    if any(alert.rule == rule.name for alert in rule_state.alerts):
        alerts = tuple(
            replace(alert, seen_at=scene.at) if alert.rule == rule.name else alert
            for alert in rule_state.alerts
        )
        return replace(rule_state, alerts=alerts), []
    alert = _opened(rule, scene.camera, since, scene.at, facts, scene.frame_id)
    raised = change(scene.camera, "raised", alert, scene.at)
    return replace(rule_state, alerts=(*rule_state.alerts, alert)), [raised]


def raise_offline_alerts(
    rule_state: RuleState, camera: Camera, last_seen_at: Millis, now: int, offline_after_ms: int
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the state while a camera is offline, and the alerts that are due for it by now."""
    raised = []
    for rule, due in _due_rules(rule_state, camera, last_seen_at, offline_after_ms):
        if due <= now:
            facts = reason.of_absence(last_seen_at, camera)
            alert = _opened(rule, camera, last_seen_at, due, facts, None)
            raised.append(change(camera, "raised", replace(alert, on_hold=True), due))
    alerts = (*rule_state.alerts, *(one.alert for one in raised))
    return replace(rule_state, alerts=alerts) if raised else rule_state, tuple(raised)


def offline_deadlines(
    rule_state: RuleState, camera: Camera, last_seen_at: Millis, offline_after_ms: int
) -> list[Millis]:
    """Return when alerts are due if a camera stays offline."""
    return [due for _, due in _due_rules(rule_state, camera, last_seen_at, offline_after_ms)]


def hold_offline_alerts(rule_state: RuleState, camera: Camera, offline_at: Millis) -> RuleState:
    """Return the state in which open offline alerts continue when the camera goes offline again.

    A camera that was back for less than the alert's `clear_after` was not back.
    """
    offline_rules = {rule.name for rule in camera.rules if rule.about == "offline"}
    if not any(alert.rule in offline_rules for alert in rule_state.alerts):
        return rule_state
    alerts = tuple(
        replace(alert, on_hold=True)
        if alert.rule in offline_rules and alert.clears_at > offline_at
        else alert
        for alert in rule_state.alerts
    )
    return replace(rule_state, alerts=alerts)


def release_offline_alerts(rule_state: RuleState, at: Millis) -> RuleState:
    """Return the state after a sign of life: alerts that the camera is offline expire from now."""
    if not any(alert.on_hold for alert in rule_state.alerts):
        return rule_state
    alerts = tuple(
        replace(alert, on_hold=False, seen_at=max(at, alert.seen_at)) if alert.on_hold else alert
        for alert in rule_state.alerts
    )
    return replace(rule_state, alerts=alerts)


def _due_rules(
    rule_state: RuleState, camera: Camera, last_seen_at: Millis, offline_after_ms: int
) -> Iterator[tuple[Rule, Millis]]:
    """Yield each offline rule without an alert yet, and when its alert is due."""
    # No pictures of a camera that sends only on motion are a good sign.
    if not last_seen_at or camera.motion.gate == "trigger":
        return
    alerted = {alert.rule for alert in rule_state.alerts}
    for rule in camera.rules:
        if rule.about == "offline" and rule.name not in alerted:
            yield rule, last_seen_at + max(rule.for_ms, offline_after_ms)


def _opened(
    rule: Rule, camera: Camera, since: Millis, at: Millis, facts: Facts, evidence: str | None
) -> Alert:
    return Alert(
        # Not from when it began: the same wrong clock is a new situation after a long time offline.
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
        reason=in_words(facts, camera.language),
        since=since,
        facts=facts,
    )
