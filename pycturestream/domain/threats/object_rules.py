"""Threats: when what is seen breaks a camera's rule, and what it is told as.

All that breaks a rule in one unbroken time is one situation, and one alert: the first thing opens
it, others join it.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert, AlertChange, joined
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions, reason, violation
from pycturestream.domain.threats.conditions import Condition, Scene
from pycturestream.domain.threats.rule_state import RuleState, change
from pycturestream.domain.threats.violation import Violation
from pycturestream.domain.tracking.scene import SeenObject


class Explained(Struct, frozen=True):
    """Why one rule led to an alert in one frame, or did not."""

    rule: str
    conditions: tuple[Condition, ...]
    """Of the rule as a whole."""
    things: Mapping[str, tuple[Condition, ...]]
    """Of each thing in view, by track id."""
    alert_id: str | None
    """The alert that is open after this frame."""


def judge(rule_state: RuleState, scene: Scene) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the new memory, and the alerts that this frame raises or changes."""
    rules = [rule for rule in scene.camera.rules if rule.about == "things"]
    if not rules:
        return replace(rule_state, violations={}) if rule_state.violations else rule_state, ()
    living = {track.track_id for track in scene.living}
    open_alerts = {alert.rule: alert for alert in reversed(rule_state.alerts)}
    violations, changes, alerts = {}, [], list(rule_state.alerts)
    for rule in rules:
        known, breaking = violation.follow(
            rule_state.violations.get(rule.name, {}), rule, scene, living
        )
        if breaking:
            alert = open_alerts.get(rule.name)
            if alert is None:
                told = _raise(rule, scene, known, breaking, rule_state)
                alerts += [told.alert] if told else []
            else:
                alert, told = _go_on(rule, scene, known, breaking, alert)
                alerts = [alert if alert.alert_id == a.alert_id else a for a in alerts]
            changes += [told] if told else []
        if known:
            violations[rule.name] = known
    return replace(rule_state, violations=violations, alerts=tuple(alerts)), tuple(changes)


def explain(before: RuleState, scene: Scene) -> tuple[Explained, ...]:
    """Return, for each rule about things, which of its conditions held in a frame.

    `before` is the memory with which the frame was judged; what judging makes of both is asked,
    and not thought out anew.
    """
    after, _ = judge(before, scene)
    open_alerts = {alert.rule: alert.alert_id for alert in after.alerts}
    return tuple(
        _explained(rule, before, scene, open_alerts.get(rule.name))
        for rule in scene.camera.rules
        if rule.about == "things"
    )


def _explained(rule: Rule, before: RuleState, scene: Scene, alert_id: str | None) -> Explained:
    told = before.violations.get(rule.name, {})
    living = {track.track_id for track in scene.living}
    followed, breaking = violation.follow(told, rule, scene, living)
    enough = _enough(rule, followed, breaking)
    things = {}
    for thing in scene.seen:
        name = thing.track.track_id
        frames = followed[name].frames if name in followed else 0
        was_told = name in told and told[name].told
        things[name] = (
            *conditions.of_thing(rule, scene, thing),
            Condition(
                "frames",
                name in followed and violation.is_enough(rule, followed[name]),
                f"at least {violation.frames_asked(rule)}",
                str(frames),
            ),
            Condition("new", not was_told, "in no alert before", "it was" if was_told else "none"),
        )
    return Explained(
        rule.name,
        (
            *conditions.of_time(rule, scene.camera, scene.at),
            Condition(
                "count", len(enough) >= rule.count, f"at least {rule.count}", str(len(enough))
            ),
            Condition(
                "warm_up_s",
                _is_warm(rule, before, scene),
                f"at least {scene.camera.warm_up_ms / 1000:g} s",
                f"{max(0, before.warm_at - scene.at) / 1000:g} s left",
            ),
        ),
        things,
        alert_id,
    )


def _enough(
    rule: Rule, known: Mapping[str, Violation], breaking: Sequence[SeenObject]
) -> list[SeenObject]:
    """Return the things that have broken a rule in as many frames as it asks for."""
    return [thing for thing in breaking if violation.is_enough(rule, known[thing.track.track_id])]


def _is_warm(rule: Rule, rule_state: RuleState, scene: Scene) -> bool:
    """Whether a breach is raised already; who crosses a line was seen on both its sides."""
    return scene.at >= rule_state.warm_at or bool(rule.crosses)


def _raise(
    rule: Rule,
    scene: Scene,
    known: dict[str, Violation],
    breaking: Sequence[SeenObject],
    rule_state: RuleState,
) -> AlertChange | None:
    """Return the alert that opens, if one does; those who are in it are marked in `known`."""
    things = _enough(rule, known, breaking)
    fresh = [thing for thing in things if not known[thing.track.track_id].told]
    if not fresh or len(things) < rule.count or not _is_warm(rule, rule_state, scene):
        return None

    def age(thing: SeenObject) -> tuple[int, str]:
        return known[thing.track.track_id].since, thing.track.track_id

    first = min(fresh, key=age)
    others = sorted((thing for thing in things if thing is not first), key=age)
    opener = known[first.track.track_id]
    names = tuple(thing.track.track_id for thing in (first, *others))
    score = max(max(thing.score, known[thing.track.track_id].score) for thing in things)
    _mark(known, things)
    alert = Alert(
        alert_id=f"{rule.name}:{first.track.track_id}",
        rule=rule.name,
        level=rule.level,
        label=first.track.label,
        zones=first.zones,
        track_ids=joined((), names),
        frame_id=scene.frame_id,
        raised_at=scene.at,
        seen_at=scene.at,
        clear_after_ms=rule.clear_after_ms,
        reason="",
        since=opener.since,
        frames=opener.frames,
        score=score,
        count=len(things),
        at_once=len(things),
    )
    alert = replace(alert, reason=reason.of_things(rule, scene, alert, (first, *others)))
    return change(scene.camera, "raised", alert, scene.at)


def _go_on(
    rule: Rule,
    scene: Scene,
    known: dict[str, Violation],
    breaking: Sequence[SeenObject],
    alert: Alert,
) -> tuple[Alert, AlertChange | None]:
    """Return an open alert after a frame in which its rule is broken, and the news of it."""
    alert = _take_for_lost(scene, known, breaking, alert)
    things = _enough(rule, known, breaking)
    if not things or len(things) < rule.count:
        return alert, None
    newcomers = [thing for thing in things if not known[thing.track.track_id].told]
    _mark(known, newcomers)
    names = tuple(thing.track.track_id for thing in newcomers)
    at_once = alert.count + len(newcomers) if rule.crosses else len(things)
    news = bool(newcomers) or at_once > alert.count
    alert = replace(
        alert,
        seen_at=scene.at,
        score=max(alert.score, *[thing.detection.score for thing in things]),
        at_once=len(things),
        count=max(alert.count, at_once),
        track_ids=joined(alert.track_ids, names) if names else alert.track_ids,
    )
    if not news:
        return alert, None
    why = reason.of_things(rule, scene, alert, things)
    alert = replace(alert, revision=alert.revision + 1, reason=why)
    return alert, change(scene.camera, "updated", alert, scene.at)


def _take_for_lost(
    scene: Scene,
    known: dict[str, Violation],
    breaking: Sequence[SeenObject],
    alert: Alert,
) -> Alert:
    """Return the alert, in which things that break its rule stand for those that were lost.

    While frames were dropped what moved has got another track: it is nobody new.
    """
    if not alert.lost:
        return alert
    in_view = {thing.track.track_id for thing in scene.seen}
    lost = alert.lost - sum(one.told for name, one in known.items() if name in in_view)
    if lost <= 0:
        return replace(alert, lost=0)
    for thing in breaking:
        name = thing.track.track_id
        if lost and not known[name].told and thing.track.label == alert.label:
            known[name] = violation.IN_ALERT
            alert = replace(alert, track_ids=joined(alert.track_ids, (name,)))
            lost -= 1
    return alert


def _mark(known: dict[str, Violation], things: Sequence[SeenObject]) -> None:
    for thing in things:
        known[thing.track.track_id] = violation.IN_ALERT
