"""Rules about objects: which objects violate a rule, and the alerts that follow.

All violations of a rule in one unbroken time are one situation, and one alert: the first object
opens it, others join it. Objects that are hidden for a moment are still part of it.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert, AlertChange, joined
from pycturestream.domain.alerts.wording import in_words
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions, reason, violation
from pycturestream.domain.threats.conditions import Condition, Scene
from pycturestream.domain.threats.rule_state import RuleState, change
from pycturestream.domain.threats.violation import Violation, Violations
from pycturestream.domain.times import compact
from pycturestream.domain.tracking.scene import HiddenObject, NarratedObject, SeenObject

Item = TypeVar("Item", bound=NarratedObject)


class RuleExplanation(Struct, frozen=True):
    """Why one rule led to an alert in one frame, or did not."""

    rule: str
    conditions: tuple[Condition, ...]
    """Of the rule as a whole."""
    objects: Mapping[str, tuple[Condition, ...]]
    """Of each object in view, by track id."""
    alert_id: str | None
    """The alert that is open after this frame."""


def judge(rule_state: RuleState, scene: Scene) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the new state, and the alerts that this frame raises or changes."""
    if not rule_state.violations and not (scene.seen and scene.camera.object_rules):
        return rule_state, ()
    open_alerts = {alert.rule: alert for alert in reversed(rule_state.alerts)}
    violations, changes, alerts = _of_removed_rules(rule_state, scene), [], list(rule_state.alerts)
    for rule in scene.camera.object_rules:
        of_rule, violating = violation.update(rule_state.violations.get(rule.name, {}), rule, scene)
        if violating:
            alert = open_alerts.get(rule.name)
            if alert is None:
                changed = _raise(rule, scene, of_rule, violating, rule_state)
                alerts += [changed.alert] if changed else []
            else:
                alert, changed = _continue(rule, scene, of_rule, violating, alert)
                alerts = [alert if alert.alert_id == a.alert_id else a for a in alerts]
            changes += [changed] if changed else []
        if of_rule:
            violations[rule.name] = of_rule
    return replace(rule_state, violations=violations, alerts=tuple(alerts)), tuple(changes)


def is_held(rule_state: RuleState, scene: Scene, alert: Alert) -> bool:
    """Whether as many objects as an alert needs may still be there, some of them hidden."""
    rule = next((rule for rule in scene.camera.object_rules if rule.name == alert.rule), None)
    if rule is None or not scene.hidden:
        return False
    violations = rule_state.violations.get(alert.rule, {})
    hidden = _hidden(rule, scene, violations)
    return bool(hidden) and len(hidden) + len(_there(rule, scene.seen, violations)) >= rule.count


def explain(before: RuleState, scene: Scene) -> tuple[RuleExplanation, ...]:
    """Return, for each rule about objects, which of its conditions held in a frame.

    `before` is the state with which the frame was judged; the frame is judged again by the same
    functions, so that explanations can't differ from alerts.
    """
    after, _ = judge(before, scene)
    open_alerts = {alert.rule: alert.alert_id for alert in after.alerts}
    return tuple(
        _explained(rule, before, scene, open_alerts.get(rule.name))
        for rule in scene.camera.object_rules
    )


def _explained(
    rule: Rule, before: RuleState, scene: Scene, alert_id: str | None
) -> RuleExplanation:
    updated, violating = violation.update(before.violations.get(rule.name, {}), rule, scene)
    enough = [*_enough(rule, updated, violating), *_hidden(rule, scene, updated)]
    objects = {}
    for item in scene.seen:
        name = item.track_id
        frames = updated[name].frames if name in updated else 0
        was_in_alert = name in updated and updated[name].in_alert
        objects[name] = (
            *conditions.of_object(rule, scene, item),
            Condition(
                "frames",
                name in updated and not item.assumed and violation.is_enough(rule, updated[name]),
                f"at least {violation.frames_asked(rule)}",
                str(frames),
            ),
            Condition(
                "new", not was_in_alert, "in no alert before", "it was" if was_in_alert else "none"
            ),
        )
    return RuleExplanation(
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
        objects,
        alert_id,
    )


def _enough(
    rule: Rule, violations: Mapping[str, Violation], violating: Sequence[SeenObject]
) -> list[SeenObject]:
    """Return the objects that have violated a rule in as many frames as it requires.

    Two frames that may show two objects are not enough for any rule.
    """
    return [
        item
        for item in violating
        if not item.assumed and violation.is_enough(rule, violations[item.track_id])
    ]


def _of_removed_rules(rule_state: RuleState, scene: Scene) -> dict[str, Violations]:
    """Return which objects were in an alert of a rule that was removed, while their tracks live.

    If the rule comes back, that is another situation, with an id of its own.
    """
    rules = {rule.name for rule in scene.camera.object_rules}
    if rules.issuperset(rule_state.violations):
        return {}
    removed = {
        rule: {
            name: violation.LEFT
            for name, one in violations.items()
            if name in scene.living and (one.in_alert or one.returning)
        }
        for rule, violations in rule_state.violations.items()
        if rule not in rules
    }
    return {rule: violations for rule, violations in removed.items() if violations}


def _hidden(rule: Rule, scene: Scene, violations: Mapping[str, Violation]) -> list[HiddenObject]:
    """Return the hidden objects that violated a rule when they were seen, in enough frames.

    None for crossings: what is hidden crosses nothing.
    """
    if rule.crosses or not scene.hidden:
        return []
    return _there(rule, scene.hidden, violations)


def _there(rule: Rule, items: Sequence[Item], violations: Mapping[str, Violation]) -> list[Item]:
    """Return those that have violated a rule in enough frames, and have not been seen elsewhere."""
    return [
        item
        for item in items
        if (one := violations.get(item.track_id))
        and violation.is_enough(rule, one)
        and not one.away_since
    ]


def _is_warm(rule: Rule, rule_state: RuleState, scene: Scene) -> bool:
    """Whether the warm-up is over. Crossings need none: the object was seen on both sides."""
    return scene.at >= rule_state.warm_at or bool(rule.crosses)


def _raise(
    rule: Rule,
    scene: Scene,
    violations: dict[str, Violation],
    violating: Sequence[SeenObject],
    rule_state: RuleState,
) -> AlertChange | None:
    """Return the alert that opens, if one does; its objects are marked in `violations`."""
    items = _enough(rule, violations, violating)
    hidden = _hidden(rule, scene, violations)
    number = len(items) + len(hidden)
    fresh = [item for item in items if not violations[item.track_id].in_alert]
    if not fresh or number < rule.count or not _is_warm(rule, rule_state, scene):
        return None

    def age(item: NarratedObject) -> tuple[int, str]:
        return violations[item.track_id].since, item.track_id

    first = min(fresh, key=age)
    others = sorted((item for item in (*items, *hidden) if item is not first), key=age)
    opener = violations[first.track_id]
    names = tuple(item.track_id for item in (first, *others))
    score = max(max(item.score, violations[item.track_id].score) for item in items)
    _mark(violations, (first, *others))
    # An object that comes back is another situation than before, with an id of its own.
    again = f":{compact(opener.since)}" if opener.returning else ""
    alert = Alert(
        alert_id=f"{rule.name}:{first.track_id}{again}",
        rule=rule.name,
        level=rule.level,
        label=first.label,
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
        count=number,
        at_once=number,
    )
    labels = [item.label for item in (first, *others)]
    facts = reason.of_objects(rule, scene, alert, first, labels)
    alert = replace(alert, facts=facts, reason=in_words(facts, scene.camera.language))
    return change(scene.camera, "raised", alert, scene.at)


def _continue(
    rule: Rule,
    scene: Scene,
    violations: dict[str, Violation],
    violating: Sequence[SeenObject],
    alert: Alert,
) -> tuple[Alert, AlertChange | None]:
    """Return an open alert after a frame that violates its rule, and its change, if it changed."""
    alert = _replace_lost(scene, violations, violating, alert)
    items = _enough(rule, violations, violating)
    hidden = _hidden(rule, scene, violations)
    number = len(items) + len(hidden)
    if not items or number < rule.count:
        return alert, None
    present = [*items, *hidden]
    newcomers = [item for item in present if not violations[item.track_id].in_alert]
    if newcomers:
        _mark(violations, newcomers)
        # Who comes back to it is no further object.
        newcomers = [item for item in newcomers if item.track_id not in alert.track_ids]
    names = tuple([item.track_id for item in newcomers])
    at_once = alert.count + len(newcomers) if rule.crosses else number
    has_changed = bool(newcomers) or at_once > alert.count
    alert = replace(
        alert,
        seen_at=scene.at,
        score=max(alert.score, *[item.score for item in items]),
        at_once=number,
        count=max(alert.count, at_once),
        track_ids=joined(alert.track_ids, names) if names else alert.track_ids,
    )
    if not has_changed:
        return alert, None
    labels = [item.label for item in present]
    facts = reason.of_objects(rule, scene, alert, items[0], labels)
    alert = replace(
        alert,
        revision=alert.revision + 1,
        facts=facts,
        reason=in_words(facts, scene.camera.language),
    )
    return alert, change(scene.camera, "updated", alert, scene.at)


def _replace_lost(
    scene: Scene,
    violations: dict[str, Violation],
    violating: Sequence[SeenObject],
    alert: Alert,
) -> Alert:
    """Return the alert, in which objects that violate its rule replace those that were lost.

    What moved while frames were dropped has got another track, but is not a new object.
    """
    if not alert.lost:
        return alert
    in_view = {item.track_id for item in scene.seen}
    lost = alert.lost - sum(one.in_alert for name, one in violations.items() if name in in_view)
    if lost <= 0:
        return replace(alert, lost=0)
    for item in violating:
        name = item.track_id
        if lost and not violations[name].in_alert and item.label == alert.label:
            violations[name] = violation.IN_ALERT
            alert = replace(alert, track_ids=joined(alert.track_ids, (name,)))
            lost -= 1
    return alert


def _mark(violations: dict[str, Violation], items: Sequence[NarratedObject]) -> None:
    for item in items:
        violations[item.track_id] = violation.IN_ALERT
