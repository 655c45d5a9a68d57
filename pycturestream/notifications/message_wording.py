"""What a message says, in the recipient's language: its subject, its texts, the lines of a digest.

Emails and webhooks say the same. Names come from outside and may contain anything: what is made
here is on one line, without what can't be seen.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pycturestream.domain.alerts import wording
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Camera, Level
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import Millis, to_local
from pycturestream.languages.catalog import Argument, Language, text
from pycturestream.languages.times import moment

Cameras = Mapping[str, Camera]

SUBJECT_LENGTH: Final = 120
"""Longer ones are cut off: phones show some 40 characters, and a zone may have any name."""
DIGEST_LINES: Final = 40
"""The most lines of a digest; a line is a camera's rule, not an alert."""


@dataclass(frozen=True, slots=True)
class DigestLine:
    """All alerts of one rule of a camera in a digest."""

    title: str
    level: Level
    number: int
    summary: str
    """How many alerts, of which rule, how many of them still open."""
    span: str
    """When they were raised."""


def subject(message: Message) -> str:
    """Return a short subject; a reply keeps the subject of the first email.

    Mail programs that group threads by subject ignore a prefix in brackets.
    """
    language = message.language
    match message.kind:
        case "test":
            words = text(language, "subject-test")
        case "digest":
            worst = max(message.alerts, key=lambda alert: alert.level)
            said = {
                "headline": digest_headline(message.alerts, language),
                "title": wording.title(worst, language),
            }
            words = text(language, "subject-digest", said)
        case "raised":
            words = message.title
            if message.alerts[0].is_over:
                words = text(language, "subject-ended", {"title": words})
        case "updated":
            headline = wording.headline(message.alerts[0], language)
            words = text(
                language, "subject-updated", {"headline": headline, "title": message.title}
            )
        case "cleared":
            words = text(language, "subject-ended", {"title": message.title})
    return one_line(words)


def body(message: Message, recipient: Recipient, cameras: Cameras) -> str:
    """Return the text of a message in a sentence, or in a line for each rule of a digest."""
    language = message.language
    match message.kind:
        case "test":
            return text(language, "test-text")
        case "digest":
            lines = digest_lines(message, recipient, cameras)
            words = [f"{line.title}: {line.summary}" for line in lines[:DIGEST_LINES]]
            if more := len(lines) - len(words):
                said: dict[str, Argument] = {"number": more, "command": "`pycturestream alerts`"}
                words.append(text(language, "digest-more", said))
            return "\n".join(words)
        case _:
            return reason(message.alerts[0], language, recipient)


def reason(alert: AlertRecord, language: Language, recipient: Recipient) -> str:
    """Return why an alert was raised, by the recipient's clock, or else by the camera's."""
    return plain(wording.reason(alert, language, recipient.timezone))


def when(at: Millis, language: Language, recipient: Recipient, camera: Camera | None = None) -> str:
    """Return a time by the recipient's clock, or else by that of a camera."""
    zone = recipient.timezone or (camera.timezone if camera else "UTC")
    return moment(to_local(at, zone), language)


def digest_headline(alerts: Sequence[AlertRecord], language: Language) -> str:
    """Return e.g. `3 alerts, none still open`."""
    return text(language, "digest-headline", _numbers(alerts, language))


def digest_lines(message: Message, recipient: Recipient, cameras: Cameras) -> list[DigestLine]:
    """Return the alerts grouped by camera and rule, the most dangerous and frequent first."""
    language = message.language
    groups: dict[tuple[str, str], list[AlertRecord]] = {}
    for alert in message.alerts:
        groups.setdefault((alert.camera_id, alert.rule), []).append(alert)
    lines = []
    for (camera_id, rule), group in groups.items():
        camera = cameras.get(camera_id)
        worst = max(group, key=lambda alert: (alert.level, alert.count))
        raised = [alert.raised_at for alert in group]
        first, last = (when(at, language, recipient, camera) for at in (min(raised), max(raised)))
        rule_and_numbers = {"rule": plain(rule), **_numbers(group, language)}
        lines.append(
            DigestLine(
                title=plain(wording.title(worst, language)),
                level=worst.level,
                number=len(group),
                summary=text(language, "digest-line", rule_and_numbers),
                span=first
                if first == last
                else text(language, "digest-span", {"first": first, "last": last}),
            )
        )
    return sorted(lines, key=lambda line: (-line.level, -line.number, line.title))


def one_line(words: str) -> str:
    """Return text that is safe in a header."""
    safe = plain(words)
    return safe if len(safe) <= SUBJECT_LENGTH else f"{safe[: SUBJECT_LENGTH - 1]}…"


def plain(words: str) -> str:
    """Return text without line ends, control characters, and marks that change its direction."""
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in words)
    return " ".join(visible.split())


def _numbers(alerts: Sequence[AlertRecord], language: Language) -> dict[str, str]:
    still_open = sum(not alert.is_over for alert in alerts)
    return {
        "alerts": text(language, "alerts-number", {"number": len(alerts)}),
        "open": text(language, "alerts-open", {"number": still_open, "total": len(alerts)}),
    }
