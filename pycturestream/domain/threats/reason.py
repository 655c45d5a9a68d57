"""The reason of an alert: why, as facts with their figures, which any language can word.

Names of labels, zones and lines come from outside. Characters in them that can't be seen are
replaced.
"""

from collections import Counter
from collections.abc import Sequence

from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.alerts.facts import CrossedLine, Facts, LabelCount, figure
from pycturestream.domain.cameras import schedule
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.view_fault import ViewFault
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.domain.tracking.scene import SeenObject

NAME_SHOWN = 64
"""Characters: as many as a name in a camera file may have."""


def of_objects(
    rule: Rule, scene: Scene, alert: Alert, first: SeenObject, labels: Sequence[str]
) -> Facts:
    """Return why objects with these labels violate a rule; the details are those of the first."""
    camera = scene.camera
    zones = [zone for zone in first.zones if not rule.zones or zone in rule.zones]
    counts = Counter(map(plain, labels))
    dwell_ms = conditions.dwell_ms(rule, scene, first) if rule.dwell_ms else 0
    return Facts(
        about="things",
        since=rfc3339(alert.since),
        timezone=camera.timezone,
        count=alert.count,
        label_counts=tuple(LabelCount(*pair) for pair in sorted(counts.items())),
        crossed=_crossed(scene, first) if rule.crosses else (),
        zones=tuple(map(plain, zones)),
        period=schedule.current(rule.schedule, scene.at, camera.timezone),
        dwell_ms=max(dwell_ms, 0),
        loitering_ms=max(scene.at - first.loitering_since, 0) if rule.loitering_ms else 0,
        frames=alert.frames,
        score=figure(alert.score),
    )


def of_absence(last_seen_at: Millis, camera: Camera) -> Facts:
    return Facts(about="offline", since=rfc3339(last_seen_at), timezone=camera.timezone)


def of_clock(since: Millis, off_ms: int, camera: Camera) -> Facts:
    return Facts(
        about="clock-wrong",
        since=rfc3339(since),
        timezone=camera.timezone,
        clock_off_ms=off_ms,
    )


def of_tampering(found: ViewFault, camera: Camera) -> Facts:
    """Return what is wrong with the picture."""
    return Facts(
        about=found.fault,
        since=rfc3339(found.since),
        timezone=camera.timezone,
        now=found.now,
        usual=found.usual,
        likeness=found.likeness,
    )


def of_unusual_hour(
    rule: Rule, hour_at: Millis, number: int, expected: int, camera: Camera
) -> Facts:
    return Facts(
        about=rule.about,
        since=rfc3339(hour_at),
        timezone=camera.timezone,
        count=number,
        label_counts=(LabelCount(plain(rule.labels[0]), number),) if len(rule.labels) == 1 else (),
        expected=expected,
    )


def plain(name: str) -> str:
    """Return a name on one line, with a question mark for each character that can't be seen."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= NAME_SHOWN else f"{shown[: NAME_SHOWN - 1]}…"


def _crossed(scene: Scene, item: SeenObject) -> tuple[CrossedLine, ...]:
    return tuple(
        CrossedLine(plain(event.border), event.kind)
        for event in scene.zone_events.get(item.track_id, ())
        if event.kind in ("in", "out")
    )
