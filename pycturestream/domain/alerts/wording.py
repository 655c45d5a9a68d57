"""An alert in the words of a language: its title, and its reason.

Names of labels, zones, lines and rules come from outside and may contain anything. They are put
in as they are and never interpreted as a format.
"""

from msgspec.structs import replace

from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.alerts.facts import Facts
from pycturestream.domain.cameras import schedule
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.times import format_span, parse_rfc3339, to_local
from pycturestream.languages.catalog import Argument, Language, text
from pycturestream.languages.phrases import in_zones, joined, noun, sentence, things


def title(alert: AlertRecord, language: Language) -> str:
    """Return e.g. `Danger: two people in the driveway, camera gate`."""
    names = {"headline": headline(alert, language), "camera": alert.camera_id}
    return text(language, "alert-title", names)


def headline(alert: AlertRecord, language: Language) -> str:
    """Return e.g. `Danger: two people in the driveway`."""
    what = {"level": level_name(alert.level, language), "what": _what(alert, language)}
    return text(language, "alert-headline", what)


def level_name(level: Level, language: Language) -> str:
    """Return e.g. `Warning`."""
    return text(language, "level", {"level": level})


def reason(alert: AlertRecord, language: Language, timezone: str = "") -> str:
    """Return why an alert was raised, with times by the clock of a time zone, or the camera's.

    The alerts of older programs have only a text, in the language of their camera.
    """
    return in_words(alert.facts, language, timezone) if alert.facts else alert.reason


def in_words(facts: Facts, language: Language, timezone: str = "") -> str:
    """Return a reason as one or two sentences.

    For example `A person in the driveway between 22:00 and 06:00, seen in 3 pictures since
    23:14:05, highest score 0.81.`
    """
    zone = timezone or facts.timezone
    words = (
        _of_objects(facts, language, zone)
        if facts.about == "things"
        else _of_camera(facts, language, zone)
    )
    if facts.rule_removed or facts.seen_until:
        words = f"{words} {ending(facts.seen_until, language, zone)}"
    return words


def ending(seen_until: str, language: Language, timezone: str) -> str:
    """Return e.g. `Ended at 23:14:05.`; without a time, the alert's rule was removed."""
    if not seen_until:
        return text(language, "reason-rule-removed")
    return text(language, "reason-ended", {"at": _clock(seen_until, timezone)})


def _what(alert: AlertRecord, language: Language) -> str:
    facts = alert.facts
    if facts and facts.about == "things":
        # A subject is short: where the rule names zones, they say more than the line.
        crossing = "" if facts.zones else _crossing(facts, language)
        return _together(_objects(facts, language), crossing, in_zones(facts.zones, language))
    if facts:
        return text(language, "alert-what", {"about": facts.about})
    if alert.label is None:
        return alert.rule
    what = things(alert.label, max(alert.count, 1), language)
    return _together(what, in_zones(alert.zones, language))


def _objects(facts: Facts, language: Language) -> str:
    """Return e.g. `a car and two people`, or `three objects (car, person)`."""
    found = facts.label_counts
    if found and sum(each.count for each in found) == facts.count:
        most_first = sorted(found, key=lambda each: -each.count)
        return joined([things(each.label, each.count, language) for each in most_first], language)
    if len(found) == 1:
        return things(found[0].label, facts.count, language)
    objects = things("object", facts.count, language)
    if not found:
        return objects
    labels = ", ".join(noun(each.label, language) for each in found)
    return text(language, "reason-several-labels", {"things": objects, "labels": labels})


def _crossing(facts: Facts, language: Language) -> str:
    """Return e.g. `crossed the line gate inwards`; empty where no line was crossed."""
    if not facts.crossed:
        return ""
    lines = [
        text(language, "reason-line", {"line": crossed.line, "way": crossed.way})
        for crossed in facts.crossed
    ]
    crossing: dict[str, Argument] = {"lines": joined(lines, language), "count": facts.count}
    return text(language, "reason-crossed", crossing)


def _together(*words: str) -> str:
    return " ".join(filter(None, words))


def _of_objects(facts: Facts, language: Language, zone: str) -> str:
    times = ""
    if period := facts.period:
        if zone != facts.timezone and not period.timezone:
            period = replace(period, timezone=facts.timezone)
        times = schedule.in_words(period, language)
    what, crossing = sentence(_objects(facts, language)), _crossing(facts, language)
    parts = [_together(what, crossing, in_zones(facts.zones, language), times)]
    if facts.dwell_ms:
        parts.append(text(language, "reason-dwell", {"span": _span(facts.dwell_ms, language)}))
    if facts.loitering_ms:
        span = _span(facts.loitering_ms, language)
        parts.append(text(language, "reason-loitering", {"span": span, "count": facts.count}))
    since = _clock(facts.since, zone)
    parts.append(
        text(language, "reason-seen-once", {"at": since})
        if facts.frames == 1
        else text(language, "reason-seen", {"frames": str(facts.frames), "at": since})
    )
    parts.append(text(language, "reason-score", {"score": facts.score}))
    return f"{', '.join(parts)}."


def _of_camera(facts: Facts, language: Language, zone: str) -> str:
    said: dict[str, Argument] = {"at": _clock(facts.since, zone)}
    match facts.about:
        case "clock-wrong":
            name = "reason-clock"
            said["span"] = _span(abs(facts.clock_off_ms), language)
            said["direction"] = "ahead" if facts.clock_off_ms > 0 else "behind"
        case "unusually-quiet" | "unusually-busy":
            name = "reason-unusual"
            said["at"] = f"{to_local(parse_rfc3339(facts.since), zone):%H:%M}"
            said["how"] = facts.about.removeprefix("unusually-")
            said["things"] = _objects(facts, language)
            said["expected"] = str(facts.expected)
        case _:
            name = f"reason-{facts.about}"
            said |= {"now": facts.now, "usual": facts.usual, "likeness": facts.likeness}
    return text(language, name, said)


def _clock(at: str, zone: str) -> str:
    """Return e.g. `23:14:05`, by the clock of a time zone."""
    return f"{to_local(parse_rfc3339(at), zone):%H:%M:%S}"


def _span(ms: int, language: Language) -> str:
    number, unit = format_span(ms).split()
    return text(language, "span", {"number": number, "unit": unit})
