"""Rules about the camera itself: it is away, its clock, its view or its hour is a strange one."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.cameras.camera import SIGHTS, USUALLY_FOR_MS, Camera, Rule
from pycturestream.domain.cameras.presence import Presence
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.threats import conditions, hourly_baseline, reason, view_baseline
from pycturestream.domain.threats.conditions import Look
from pycturestream.domain.threats.hourly_baseline import Usual
from pycturestream.domain.threats.rule_state import Watch, change
from pycturestream.domain.threats.view_baseline import Sight
from pycturestream.domain.times import Millis


def judge(
    watch: Watch, look: Look, clock_off_ms: int, unseen_ms: int
) -> tuple[Watch, tuple[AlertChange, ...]]:
    """Return the memory after a frame, and the alerts that it raises.

    `clock_off_ms` is what the camera's clock is ahead, 0 for a right one; `unseen_ms` how long
    ago the frame before this one was.
    """
    wrong_since = (watch.clock_wrong_since or look.at) if clock_off_ms else 0
    if wrong_since != watch.clock_wrong_since:
        watch = replace(watch, clock_wrong_since=wrong_since)
    rules = [rule for rule in look.camera.rules if rule.about not in ("things", "offline")]
    if not rules:
        known_no_more = watch.usual or watch.sight.views
        return replace(watch, usual={}, sight=Sight()) if known_no_more else watch, ()
    known = _follow(watch.usual, rules, look, unseen_ms)
    sight = _look_at(watch.sight, rules, look)
    watch = replace(watch, usual=known, sight=sight)
    fault = view_baseline.fault_of(sight) if look.measure else None
    changes = []
    for rule in rules:
        if not conditions.in_schedule(rule, look.camera, look.at):
            continue
        if rule.about == "clock-wrong":
            begin = wrong_since
            why = reason.of_clock(wrong_since, clock_off_ms, look.camera.timezone)
        elif fault and fault[0] == rule.about:
            begin = fault[1]
            why = reason.of_sight(*fault, look, sight)
        elif rule.name in known and (strange := known[rule.name].strange):
            begin = strange[0]
            why = reason.of_the_unusual(rule, *strange, look.camera.timezone)
        else:
            begin = 0
        if begin and look.at - begin >= rule.for_ms:
            watch, told = _tell(watch, rule, look, begin, why)
            changes += told
    return watch, tuple(changes)


def _follow(
    known: Mapping[str, Usual], rules: list[Rule], look: Look, unseen_ms: int
) -> Mapping[str, Usual]:
    living = {track.track_id for track in look.living}
    return {
        rule.name: hourly_baseline.follow(
            known.get(rule.name, Usual()), rule, look, living, unseen_ms
        )
        for rule in rules
        if rule.about in ("unusually-quiet", "unusually-busy")
    }


def _look_at(sight: Sight, rules: list[Rule], look: Look) -> Sight:
    """Return what is known of the camera's views; nothing, where no rule asks for it."""
    if not any(rule.about in SIGHTS for rule in rules):
        return Sight()
    if not look.measure:
        return sight
    moved_after_ms = max(
        (rule.for_ms for rule in rules if rule.about == "moved"),
        default=USUALLY_FOR_MS["moved"],
    )
    return view_baseline.follow(sight, look.measure, look.at, moved_after_ms)


def _tell(
    watch: Watch, rule: Rule, look: Look, since: Millis, why: str
) -> tuple[Watch, list[AlertChange]]:
    """Open an alert, or go on with the one that is open."""
    if any(alert.rule == rule.name for alert in watch.alerts):
        alerts = tuple(
            replace(alert, seen_at=look.at) if alert.rule == rule.name else alert
            for alert in watch.alerts
        )
        return replace(watch, alerts=alerts), []
    alert = _opened(rule, look.camera, since, look.at, why, look.frame_id)
    told = change(look.camera, "raised", alert, look.at)
    return replace(watch, alerts=(*watch.alerts, alert)), [told]


def miss(
    watch: Watch, camera: Camera, presence: Presence, now: int, offline_after_ms: int
) -> tuple[Watch, tuple[AlertChange, ...]]:
    """Return the memory while a camera is away, and the alerts that say so by now."""
    raised = []
    for rule, due in _dues(watch, camera, presence, offline_after_ms):
        if due <= now:
            why = reason.of_absence(presence.heard_at, camera.timezone)
            alert = _opened(rule, camera, presence.heard_at, due, why, None)
            raised.append(change(camera, "raised", replace(alert, held=True), due))
    alerts = (*watch.alerts, *(told.alert for told in raised))
    return replace(watch, alerts=alerts) if raised else watch, tuple(raised)


def next_due(
    watch: Watch, camera: Camera, presence: Presence, offline_after_ms: int
) -> list[Millis]:
    """Return when there is something to say of a camera that stays away."""
    return [due for _, due in _dues(watch, camera, presence, offline_after_ms)]


def hold(watch: Watch, camera: Camera, offline_at: Millis) -> Watch:
    """Return the memory in which alerts about an absence go on with the next one.

    A camera that was back for less than the alert's `clear_after` was not back.
    """
    absences = {rule.name for rule in camera.rules if rule.about == "offline"}
    if not any(alert.rule in absences for alert in watch.alerts):
        return watch
    alerts = tuple(
        replace(alert, held=True)
        if alert.rule in absences and alert.clears_at > offline_at
        else alert
        for alert in watch.alerts
    )
    return replace(watch, alerts=alerts)


def welcome(watch: Watch, at: Millis) -> Watch:
    """Return the memory after a sign of life: what said that the camera is away runs out."""
    if not any(alert.held for alert in watch.alerts):
        return watch
    alerts = tuple(
        replace(alert, held=False, seen_at=max(at, alert.seen_at)) if alert.held else alert
        for alert in watch.alerts
    )
    return replace(watch, alerts=alerts)


def _dues(
    watch: Watch, camera: Camera, presence: Presence, offline_after_ms: int
) -> Iterator[tuple[Rule, Millis]]:
    """Yield the rules that an absence breaks and that have no alert yet, and when they do."""
    # The silence of a camera that motion alone makes send is a good sign.
    if presence.online or not presence.heard_at or camera.motion.gate == "trigger":
        return
    told = {alert.rule for alert in watch.alerts}
    for rule in camera.rules:
        if rule.about == "offline" and rule.name not in told:
            yield rule, presence.heard_at + max(rule.for_ms, offline_after_ms)


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
