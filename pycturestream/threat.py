"""Threats: when what is seen breaks a camera's rule, and when that is over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pycturestream.camera import Camera, Level, Rule
from pycturestream.scene import SeenObject
from pycturestream.times import Millis
from pycturestream.tracking import Track

AlertState = Literal["raised", "updated", "cleared"]


@dataclass(frozen=True, slots=True)
class Alert:
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

    @property
    def clears_at(self) -> Millis:
        return self.seen_at + self.clear_after_ms


@dataclass(frozen=True, slots=True)
class AlertChange:
    """What happened to an alert, as it is told to the world."""

    camera_id: str
    site: str
    state: AlertState
    alert: Alert
    at: Millis


@dataclass(frozen=True, slots=True)
class Watch:
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
    open_alerts = {alert.alert_id: alert for alert in watch.alerts}
    possible = {_alert_id(rule, track) for rule in camera.rules for track in living}
    sightings = {key: frames for key, frames in watch.sightings.items() if key in possible}
    raised = []
    for rule, thing in _breaches(camera.rules, seen):
        alert_id = _alert_id(rule, thing.track)
        frames = sightings.get(alert_id, 0) + 1
        if frames <= rule.frames:
            sightings[alert_id] = frames
        if alert_id in open_alerts:
            open_alerts[alert_id] = replace(open_alerts[alert_id], seen_at=captured_at)
        elif frames == rule.frames:
            alert = Alert(
                alert_id=alert_id,
                rule=rule.name,
                level=rule.level,
                label=thing.track.label,
                zones=thing.zones,
                track_id=thing.track.track_id,
                frame_id=frame_id,
                raised_at=captured_at,
                seen_at=captured_at,
                clear_after_ms=rule.clear_after_ms,
                frames=frames,
            )
            open_alerts[alert_id] = alert
            raised.append(AlertChange(camera.camera_id, camera.site, "raised", alert, captured_at))
    return Watch(sightings, tuple(open_alerts.values())), tuple(raised)


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


def _alert_id(rule: Rule, track: Track) -> str:
    return f"{rule.name}:{track.track_id}"


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
