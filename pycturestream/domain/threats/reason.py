"""The sentence of an alert: why, in plain words, with the figures.

Names of labels, zones, lines and rules come from outside and may contain anything. They are put
in as they are, except for characters that can't be seen, and are never interpreted as a format.
"""

from collections.abc import Sequence

from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.cameras import schedule
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.view_baseline import Fault, ViewBaseline
from pycturestream.domain.times import Millis, format_span, to_local
from pycturestream.domain.tracking.scene import SeenObject
from pycturestream.languages.catalog import DEFAULT_LANGUAGE
from pycturestream.languages.phrases import in_zones, sentence, things

NAME_SHOWN = 64
"""Characters: as many as a name in a camera file may have."""
WAYS = {"in": "inwards", "out": "outwards"}


def of_objects(
    rule: Rule, scene: Scene, alert: Alert, first: SeenObject, labels: Sequence[str]
) -> str:
    """Return why objects with these labels violate a rule; the details are those of the first one.

    For example `A person in the driveway between 22:00 and 06:00, seen in 3 pictures since
    23:14:05, highest score 0.81.`
    """
    timezone = scene.camera.timezone
    words = [_subject(alert.count, labels)]
    if rule.crosses:
        words.append(_crossed(scene, first))
    if zones := [zone for zone in first.zones if not rule.zones or zone in rule.zones]:
        words.append(in_zones(map(plain, zones), DEFAULT_LANGUAGE))
    if period := schedule.current(rule.schedule, scene.at, timezone):
        words.append(schedule.in_words(period))
    parts = [" ".join(word for word in words if word)]
    if rule.dwell_ms:
        parts.append(f"there for {format_span(conditions.dwell_ms(rule, scene, first))}")
    if rule.loitering_ms:
        loitering_ms = scene.at - first.loitering_since
        parts.append(f"loitering for {format_span(loitering_ms)}")
    since = clock(alert.since, timezone)
    parts.append(
        f"seen at {since}"
        if alert.frames == 1
        else f"seen in {alert.frames} pictures since {since}"
    )
    parts.append(f"highest score {alert.score:.2f}")
    return f"{', '.join(parts)}."


def of_end(seen_at: Millis, timezone: str) -> str:
    return f"Ended at {clock(seen_at, timezone)}."


def of_absence(last_seen_at: Millis, timezone: str) -> str:
    return f"No picture since {clock(last_seen_at, timezone)}: the camera is offline."


def of_clock(since: Millis, off_ms: int, timezone: str) -> str:
    ahead = "ahead" if off_ms > 0 else "behind"
    return (
        f"The camera's clock has been wrong since {clock(since, timezone)}: "
        f"{format_span(abs(off_ms))} {ahead}."
    )


def of_tampering(fault: Fault, since: Millis, scene: Scene, view_baseline: ViewBaseline) -> str:
    """Return what is wrong with the picture, with figures of the latest one and the baseline."""
    at = clock(since, scene.camera.timezone)
    baseline, measure = view_baseline.views[0], scene.measure
    if not measure:
        return ""
    if fault == "blurred":
        return (
            f"The picture has been blurred since {at}: "
            f"sharpness {measure.sharpness:.2f}, usually {baseline.sharpness:.2f}."
        )
    similarity = f"likeness to the usual view {max(0.0, view_baseline.similarity):.2f}"
    if fault == "moved":
        return f"The camera has shown a different view since {at}: {similarity}."
    return (
        f"The camera has been covered since {at}: {similarity}, "
        f"brightness {measure.brightness:.2f}, usually {baseline.brightness:.2f}."
    )


def of_unusual_hour(rule: Rule, hour_at: Millis, number: int, expected: int, timezone: str) -> str:
    how = "quiet" if rule.about == "unusually-quiet" else "busy"
    label = plain(rule.labels[0]) if len(rule.labels) == 1 else "object"
    what = things(label, number, DEFAULT_LANGUAGE)
    hour = f"{to_local(hour_at, timezone):%H:%M}"
    return f"Unusually {how}: {what} in the hour from {hour}, usually {expected}."


def clock(at: Millis, timezone: str) -> str:
    """Return e.g. `23:14:05`, by the camera's own clock."""
    return f"{to_local(at, timezone):%H:%M:%S}"


def plain(name: str) -> str:
    """Return a name on one line, with a question mark for each character that can't be seen."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= NAME_SHOWN else f"{shown[: NAME_SHOWN - 1]}…"


def _subject(count: int, labels: Sequence[str]) -> str:
    different = sorted({plain(label) for label in labels})
    if len(different) > 1:
        text = f"{things('object', count, DEFAULT_LANGUAGE)} ({', '.join(different)})"
    else:
        text = things(different[0], count, DEFAULT_LANGUAGE)
    return sentence(text)


def _crossed(scene: Scene, item: SeenObject) -> str:
    zone_events = scene.zone_events.get(item.track_id, ())
    lines = [
        f"the line {plain(event.border)} {WAYS[event.kind]}"
        for event in zone_events
        if event.kind in WAYS
    ]
    return f"crossed {' and '.join(lines)}" if lines else ""
