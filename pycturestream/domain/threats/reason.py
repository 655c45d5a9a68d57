"""The sentence of an alert: why, in plain words, with the figures.

Names of labels, zones, lines and rules come from elsewhere and may hold anything: they are put
in as they are, but for what can't be seen, and nothing in them is ever read as a format.
"""

from collections.abc import Iterable, Sequence

from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.cameras import schedule
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.quantity import UNCOUNTED, quantity
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.view_baseline import Fault, ViewBaseline
from pycturestream.domain.times import Millis, to_local
from pycturestream.domain.tracking.scene import SeenObject

NAME_SHOWN = 64
"""Characters: as many as a name in a camera file may have."""
TWO_MINUTES_MS = 120_000


def of_things(rule: Rule, scene: Scene, alert: Alert, things: Sequence[SeenObject]) -> str:
    """Return why things that break a rule now do so; the first one is told of.

    For example `Person in driveway between 22:00 and 06:00, seen in 3 pictures since 23:14:05,
    highest score 0.81.`
    """
    first, timezone = things[0], scene.camera.timezone
    words = [_subject(alert.count, [thing.track.label for thing in things])]
    if rule.crosses:
        words.append(_crossed(scene, first))
    if zones := [zone for zone in first.zones if not rule.zones or zone in rule.zones]:
        words.append(f"in {_listed(zones)}")
    if period := schedule.current(rule.schedule, scene.at, timezone):
        words.append(schedule.in_words(period))
    parts = [" ".join(word for word in words if word)]
    if rule.dwell_ms:
        parts.append(f"there for {_lasting(conditions.dwell_ms(rule, scene, first))}")
    if rule.loitering_ms:
        loitering_ms = scene.at - first.track.loitering.since
        parts.append(f"about one place for {_lasting(loitering_ms)}")
    since = clock(alert.since, timezone)
    parts.append(
        f"seen at {since}"
        if alert.frames == 1
        else f"seen in {alert.frames} pictures since {since}"
    )
    parts.append(f"highest score {alert.score:.2f}")
    return f"{', '.join(parts)}."


def of_end(seen_at: Millis, timezone: str) -> str:
    return f"Over since {clock(seen_at, timezone)}."


def of_absence(last_seen_at: Millis, timezone: str) -> str:
    return f"No picture since {clock(last_seen_at, timezone)}: the camera is offline."


def of_clock(since: Millis, off_ms: int, timezone: str) -> str:
    ahead = "ahead" if off_ms > 0 else "behind"
    return (
        f"The camera's clock is wrong since {clock(since, timezone)}: "
        f"{_lasting(abs(off_ms))} {ahead}."
    )


def of_tampering(fault: Fault, since: Millis, scene: Scene, view_baseline: ViewBaseline) -> str:
    """Return what is wrong with the picture; the figures are of the latest one and the usual."""
    at = clock(since, scene.camera.timezone)
    usual, measure = view_baseline.views[0], scene.measure
    if not measure:
        return ""
    if fault == "blurred":
        return (
            f"The picture is blurred since {at}: "
            f"sharpness {measure.sharpness:.2f}, usually {usual.sharpness:.2f}."
        )
    likeness = f"likeness to the usual view {max(0.0, view_baseline.likeness):.2f}"
    if fault == "moved":
        return f"The camera shows another view since {at}: {likeness}."
    return (
        f"The camera is covered since {at}: {likeness}, "
        f"brightness {measure.brightness:.2f}, usually {usual.brightness:.2f}."
    )


def of_unusual_hour(rule: Rule, hour_at: Millis, number: int, usual: int, timezone: str) -> str:
    how = "quiet" if rule.about == "unusually-quiet" else "busy"
    label = plain(rule.labels[0]) if len(rule.labels) == 1 else "thing"
    what = quantity(label, number)
    return f"Unusually {how}: {what} in the hour from {clock(hour_at, timezone)}, usually {usual}."


def clock(at: Millis, timezone: str) -> str:
    """Return e.g. `23:14:05`, by the camera's own clock."""
    return f"{to_local(at, timezone):%H:%M:%S}"


def plain(name: str) -> str:
    """Return a name in which everything can be seen, on one line."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= NAME_SHOWN else f"{shown[: NAME_SHOWN - 1]}…"


def _subject(count: int, labels: Sequence[str]) -> str:
    different = sorted({plain(label) for label in labels})
    if len(different) > 1:
        text = f"{quantity('thing', count)} ({', '.join(different)})"
    elif count == 1:
        text = UNCOUNTED.get(different[0], different[0])
    else:
        text = quantity(different[0], count)
    return f"{text[:1].upper()}{text[1:]}"


def _crossed(scene: Scene, thing: SeenObject) -> str:
    zone_events = scene.zone_events.get(thing.track.track_id, ())
    lines = [f"{plain(p.border)} {p.kind}" for p in zone_events if p.kind in ("in", "out")]
    return f"crossed {' and '.join(lines)}" if lines else ""


def _listed(names: Iterable[str]) -> str:
    return " and ".join(plain(name) for name in names)


def _lasting(span_ms: int) -> str:
    if span_ms < TWO_MINUTES_MS:
        return f"{span_ms / 1000:.0f} s"
    return f"{span_ms / 60_000:.0f} min"
