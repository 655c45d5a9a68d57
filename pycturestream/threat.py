"""Threats: when what is seen breaks a camera's rule, and when that is over."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.camera import Camera, Level, Rule
from pycturestream.scene import SeenObject
from pycturestream.times import Millis
from pycturestream.tracking import Track

AlertState = Literal["raised", "updated", "cleared"]


class Alert(Struct, frozen=True):
    """One situation: this thing breaks this rule. Its id is that situation."""

    alert_id: str
    rule: str
    level: Level
    label: str
    zones: tuple[str, ...]
    track_id: str
    frame_id: str
    """The evidence: the frame in which it was raised."""
    raised_at: Millis
    seen_at: Millis
    """When the thing was last seen breaking the rule."""
    clear_after_ms: int
    frames: int
    """In how many frames it was seen when it was raised: the reason."""
    revision: int = 1
    adrift: bool = False
    """Its thing was lost while nobody looked; the next to break the rule is taken for it."""
    earlier_track_ids: tuple[str, ...] = ()
    """Under which its thing was followed before it was lost."""

    @property
    def clears_at(self) -> Millis:
        return self.seen_at + self.clear_after_ms


class AlertChange(Struct, frozen=True):
    """What happened to an alert, as it is told to the world."""

    camera_id: str
    site: str
    state: AlertState
    alert: Alert
    at: Millis


class Watch(Struct, frozen=True):
    """What is remembered to judge by: breaches that are not alerts yet, and open alerts."""

    sightings: Mapping[str, int] = field(default_factory=dict)
    """Alert id to the frames in which its thing has broken its rule, while its track lives; an
    alert that was raised stays here, so that it is not raised again."""
    alerts: tuple[Alert, ...] = ()


def judge(
    watch: Watch,
    camera: Camera,
    seen: Sequence[SeenObject],
    living: Sequence[Track],
    frame_id: str,
    captured_at: Millis,
) -> tuple[Watch, tuple[AlertChange, ...]]:
    """Return the new memory, and the alerts that this frame raises: one a rule and track."""
    in_view = {thing.track.track_id for thing in seen}
    open_alerts = {
        _key(alert.rule, alert.track_id): replace(alert, adrift=False)
        if alert.adrift and alert.track_id in in_view
        else alert
        for alert in watch.alerts
    }
    possible = {_key(rule.name, track.track_id) for rule in camera.rules for track in living}
    sightings = {key: frames for key, frames in watch.sightings.items() if key in possible}
    raised = []
    for rule, thing in _breaches(camera.rules, seen):
        track = thing.track
        key = _key(rule.name, track.track_id)
        frames = sightings.get(key, 0) + 1
        if key not in open_alerts and frames <= rule.frames:
            lost = next(
                (alert for alert in open_alerts.values() if _lost(alert, rule, track)), None
            )
            if lost:
                del open_alerts[_key(lost.rule, lost.track_id)]
                open_alerts[key] = _go_on(lost, track)
                frames = rule.frames
        sightings[key] = min(frames, rule.frames)
        if key in open_alerts:
            open_alerts[key] = replace(open_alerts[key], seen_at=captured_at)
        elif frames == rule.frames:
            alert = Alert(
                alert_id=key,
                rule=rule.name,
                level=rule.level,
                label=track.label,
                zones=thing.zones,
                track_id=track.track_id,
                frame_id=frame_id,
                raised_at=captured_at,
                seen_at=captured_at,
                clear_after_ms=rule.clear_after_ms,
                frames=frames,
            )
            open_alerts[key] = alert
            raised.append(AlertChange(camera.camera_id, camera.site, "raised", alert, captured_at))
    return Watch(sightings, tuple(open_alerts.values())), tuple(raised)


def wait(watch: Watch, overlooked_ms: int) -> Watch:
    """Return the memory after a time for which nobody has looked.

    It does not count for open alerts, and what was lost in it may still be there, under another
    track.
    """
    alerts = tuple(
        replace(alert, seen_at=alert.seen_at + overlooked_ms, adrift=True) for alert in watch.alerts
    )
    return replace(watch, alerts=alerts)


def clear(watch: Watch, camera: Camera, now: int) -> tuple[Watch, tuple[AlertChange, ...]]:
    """Return the memory without the alerts that are over by now, and those alerts."""
    over = [alert for alert in watch.alerts if alert.clears_at <= now]
    if not over:
        return watch, ()
    cleared = tuple(
        AlertChange(
            camera.camera_id,
            camera.site,
            "cleared",
            replace(alert, revision=alert.revision + 1),
            alert.clears_at,
        )
        for alert in over
    )
    kept = tuple(alert for alert in watch.alerts if alert not in over)
    return replace(watch, alerts=kept), cleared


def _key(rule: str, track_id: str) -> str:
    return f"{rule}:{track_id}"


def _lost(alert: Alert, rule: Rule, track: Track) -> bool:
    """Whether the alert has lost its thing, and it may be the thing of this track."""
    return alert.adrift and alert.rule == rule.name and alert.label == track.label


def _go_on(alert: Alert, track: Track) -> Alert:
    earlier = (*alert.earlier_track_ids, alert.track_id)
    return replace(alert, track_id=track.track_id, earlier_track_ids=earlier, adrift=False)


def _breaches(
    rules: Iterable[Rule], seen: Sequence[SeenObject]
) -> Iterable[tuple[Rule, SeenObject]]:
    for rule in rules:
        for thing in seen:
            if (
                thing.track.label in rule.labels
                and thing.score >= rule.min_score
                and (not rule.zones or set(rule.zones) & set(thing.zones))
            ):
                yield rule, thing
