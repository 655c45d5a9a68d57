"""The sentence of an alert: why, in plain words of the camera's language, with the figures.

Names of labels, zones, lines and rules come from outside and may contain anything. They are put
in as they are, except for characters that can't be seen, and are never interpreted as a format.
"""

from collections.abc import Sequence

from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.cameras import schedule
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.view_baseline import Fault, ViewBaseline
from pycturestream.domain.times import Millis, format_span, to_local
from pycturestream.domain.tracking.scene import SeenObject
from pycturestream.languages.catalog import Argument, text
from pycturestream.languages.phrases import in_zones, joined, sentence, things

NAME_SHOWN = 64
"""Characters: as many as a name in a camera file may have."""


def of_objects(
    rule: Rule, scene: Scene, alert: Alert, first: SeenObject, labels: Sequence[str]
) -> str:
    """Return why objects with these labels violate a rule; the details are those of the first one.

    For example `A person in the driveway between 22:00 and 06:00, seen in 3 pictures since
    23:14:05, highest score 0.81.`
    """
    camera = scene.camera
    language = camera.language
    words = [_subject(alert.count, labels, language)]
    if rule.crosses:
        words.append(_crossed(scene, first, alert.count))
    if zones := [zone for zone in first.zones if not rule.zones or zone in rule.zones]:
        words.append(in_zones(map(plain, zones), language))
    if period := schedule.current(rule.schedule, scene.at, camera.timezone):
        words.append(schedule.in_words(period, language))
    parts = [" ".join(word for word in words if word)]
    if rule.dwell_ms:
        span = _span(conditions.dwell_ms(rule, scene, first), language)
        parts.append(text(language, "reason-dwell", {"span": span}))
    if rule.loitering_ms:
        span = _span(scene.at - first.loitering_since, language)
        parts.append(text(language, "reason-loitering", {"span": span}))
    since = clock(alert.since, camera.timezone)
    parts.append(
        text(language, "reason-seen-once", {"at": since})
        if alert.frames == 1
        else text(language, "reason-seen", {"frames": str(alert.frames), "at": since})
    )
    parts.append(text(language, "reason-score", {"score": alert.score}))
    return f"{', '.join(parts)}."


def of_end(seen_at: Millis, camera: Camera) -> str:
    return text(camera.language, "reason-ended", {"at": clock(seen_at, camera.timezone)})


def of_absence(last_seen_at: Millis, camera: Camera) -> str:
    return text(camera.language, "reason-offline", {"at": clock(last_seen_at, camera.timezone)})


def of_clock(since: Millis, off_ms: int, camera: Camera) -> str:
    return text(
        camera.language,
        "reason-clock",
        {
            "at": clock(since, camera.timezone),
            "span": _span(abs(off_ms), camera.language),
            "direction": "ahead" if off_ms > 0 else "behind",
        },
    )


def of_tampering(fault: Fault, since: Millis, scene: Scene, view_baseline: ViewBaseline) -> str:
    """Return what is wrong with the picture, with figures of the latest one and the baseline."""
    camera = scene.camera
    baseline, measure = view_baseline.views[0], scene.measure
    if not measure:
        return ""
    figures: dict[str, Argument] = {"at": clock(since, camera.timezone)}
    if fault == "blurred":
        figures |= {"now": float(measure.sharpness), "usual": float(baseline.sharpness)}
    else:
        figures |= {"likeness": float(max(0.0, view_baseline.similarity))}
    if fault == "covered":
        figures |= {"now": float(measure.brightness), "usual": float(baseline.brightness)}
    return text(camera.language, f"reason-{fault}", figures)


def of_unusual_hour(rule: Rule, hour_at: Millis, number: int, expected: int, camera: Camera) -> str:
    label = plain(rule.labels[0]) if len(rule.labels) == 1 else "object"
    return text(
        camera.language,
        "reason-unusual",
        {
            "how": "quiet" if rule.about == "unusually-quiet" else "busy",
            "things": things(label, number, camera.language),
            "at": f"{to_local(hour_at, camera.timezone):%H:%M}",
            "expected": str(expected),
        },
    )


def clock(at: Millis, timezone: str) -> str:
    """Return e.g. `23:14:05`, by the camera's own clock."""
    return f"{to_local(at, timezone):%H:%M:%S}"


def plain(name: str) -> str:
    """Return a name on one line, with a question mark for each character that can't be seen."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= NAME_SHOWN else f"{shown[: NAME_SHOWN - 1]}…"


def _subject(count: int, labels: Sequence[str], language: str) -> str:
    different = sorted({plain(label) for label in labels})
    if len(different) == 1:
        return sentence(things(different[0], count, language))
    objects = {"things": things("object", count, language), "labels": ", ".join(different)}
    return sentence(text(language, "reason-several-labels", objects))


def _crossed(scene: Scene, item: SeenObject, count: int) -> str:
    language = scene.camera.language
    lines = [
        text(language, "reason-line", {"line": plain(event.border), "way": event.kind})
        for event in scene.zone_events.get(item.track_id, ())
        if event.kind in ("in", "out")
    ]
    if not lines:
        return ""
    return text(language, "reason-crossed", {"lines": joined(lines, language), "count": count})


def _span(ms: int, language: str) -> str:
    number, unit = format_span(ms).split()
    return text(language, "span", {"number": number, "unit": unit})
