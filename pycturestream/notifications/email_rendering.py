"""A message as a mail: text and HTML of the same content, and headers that nothing can break."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec.structs import replace

from pycturestream.domain.alerts.alert_record import LEVEL_NAMES, AlertRecord, title
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import Millis, to_local

Link = tuple[str, str]
"""What following it does, in words, and its address."""
Links = Callable[[AlertRecord, str], Sequence[Link]]
"""What can be done about an alert, for a recipient of this name."""
Cameras = Mapping[str, Camera]

SUBJECT_LENGTH: Final = 120
"""Longer ones are cut short: telephones show some 40 characters, and a zone may have any name."""
DIGEST_LINES: Final = 40
"""Lines of a digest; one line is a camera's rule, not an alert."""
_PICTURE: Final = "evidence"
_COLOURS: Final = {1: "#1d4f91", 2: "#8a5a00", 3: "#a4161a"}
"""Of the level, dark enough to be read in white on it."""

_POLICY = SMTP.clone(max_line_length=200)
"""With the usual 78 the library folds a subject before its first word, and a reader sees a space
there; the standard allows 998."""

_TEMPLATES = Environment(
    loader=PackageLoader("pycturestream.notifications"),
    autoescape=select_autoescape(("html.j2",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class DigestLine:
    """All situations of a camera's rule that a digest tells of."""

    title: str
    rule: str
    level: int
    number: int
    still_open: int
    first: str
    last: str


def render_email(
    message: Message,
    recipient: Recipient,
    sender: str,
    cameras: Cameras,
    links: Sequence[Link] = (),
    picture: bytes | None = None,
) -> EmailMessage:
    """Return the mail; `sender` is a plain address, `picture` a JPEG that may be shown."""
    domain = sender.rpartition("@")[2]
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = Address("PyctureStream", addr_spec=sender)
    letter["To"] = Address(addr_spec=recipient.mail)
    letter["Subject"] = subject(message)
    letter["Date"] = format_datetime(datetime.fromtimestamp(message.at / 1000, UTC))
    letter["Message-ID"] = f"<{message.id}@{domain}>"
    if message.thread:
        letter["In-Reply-To"] = f"<{message.thread}@{domain}>"
        letter["References"] = f"<{message.thread}@{domain}>"
    # Nobody's out-of-office answer is wanted.
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter["List-Id"] = f"PyctureStream alerts <alerts.{domain}>"
    values = _values(message, recipient, cameras, links, shown=picture is not None)
    name = "digest" if message.kind == "digest" else "test" if message.kind == "test" else "alert"
    letter.set_content(_TEMPLATES.get_template(f"{name}.txt.j2").render(values))
    letter.add_alternative(_TEMPLATES.get_template(f"{name}.html.j2").render(values), "html")
    if picture is not None:
        html = letter.get_payload(1)
        assert isinstance(html, EmailMessage)  # noqa: S101 - as add_alternative has just made it
        html.add_related(
            picture,
            "image",
            "jpeg",
            cid=f"<{_PICTURE}>",
            disposition="inline",
            filename="evidence.jpg",
        )
    return letter


def subject(message: Message) -> str:
    """Return a short subject that says what is so; an answer keeps the words of the first mail.

    Mail programs that keep threads by their subject leave out what stands in brackets before it.
    """
    match message.kind:
        case "test":
            text = "Test message: alerts will arrive here"
        case "digest":
            worst = max(message.alerts, key=lambda alert: alert.level)
            number = len(message.alerts)
            text = f"{number} alerts, {_open(message.alerts)} still open: {title(worst)}"
        case "raised":
            over = "[over] " if message.alerts[0].is_over else ""
            text = f"{over}{message.title}"
        case "updated":
            text = f"[now {title(message.alerts[0]).partition(',')[0]}] {message.title}"
        case "cleared":
            text = f"[over] {message.title}"
    return one_line(text)


def one_line(text: str) -> str:
    """Return text that can stand in a header."""
    plain = _plain(text)
    return plain if len(plain) <= SUBJECT_LENGTH else f"{plain[: SUBJECT_LENGTH - 1]}…"


def _plain(text: str) -> str:
    """Return text without line ends, and without signs that are not seen or turn others about."""
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(seen.split())


def _told(alert: AlertRecord) -> AlertRecord:
    """Return an alert whose words, which may be anybody's, each fit on a line."""
    return replace(
        alert,
        reason=_plain(alert.reason),
        rule=_plain(alert.rule),
        site=_plain(alert.site),
        label=_plain(alert.label) if alert.label else None,
        zones=tuple(map(_plain, alert.zones)),
    )


def _values(
    message: Message,
    recipient: Recipient,
    cameras: Cameras,
    links: Sequence[Link],
    *,
    shown: bool,
) -> dict[str, Any]:
    """Return what the templates may show."""
    values: dict[str, Any] = {
        "subject": subject(message),
        "kind": message.kind,
        "recipient": one_line(recipient.name),
        "links": links,
        "picture": f"cid:{_PICTURE}" if shown else None,
        "sent": _when(message.at, recipient.timezone),
    }
    if message.kind == "digest":
        lines = digest_lines([*map(_told, message.alerts)], cameras)
        values |= {
            "number": len(message.alerts),
            "still_open": _open(message.alerts),
            "lines": lines[:DIGEST_LINES],
            "more": len(lines) - DIGEST_LINES,
            "colours": _COLOURS,
        }
    elif message.alerts:
        [alert] = map(_told, message.alerts)
        zone = _zone(alert.camera_id, cameras)
        values |= {
            "alert": alert,
            "headline": title(alert),
            "level": LEVEL_NAMES[alert.level],
            "colour": _COLOURS[alert.level],
            "since": _when(alert.raised_at, zone),
            "changed": _when(alert.updated_at, zone),
            "lasted": lasted(alert.updated_at - alert.raised_at),
        }
    return values


def digest_lines(alerts: Sequence[AlertRecord], cameras: Cameras) -> list[DigestLine]:
    """Return the alerts by camera and rule, the most dangerous and frequent first."""
    groups: dict[tuple[str, str], list[AlertRecord]] = {}
    for alert in alerts:
        groups.setdefault((alert.camera_id, alert.rule), []).append(alert)
    lines = []
    for (camera_id, rule), group in groups.items():
        zone = _zone(camera_id, cameras)
        worst = max(group, key=lambda alert: (alert.level, alert.count))
        lines.append(
            DigestLine(
                title=title(worst),
                rule=rule,
                level=worst.level,
                number=len(group),
                still_open=_open(group),
                first=_when(min(alert.raised_at for alert in group), zone),
                last=_when(max(alert.raised_at for alert in group), zone),
            )
        )
    return sorted(lines, key=lambda line: (-line.level, -line.number, line.title))


def lasted(ms: Millis) -> str:
    """Return a time in words: `45 seconds`, `3 minutes`, `2 hours`."""
    seconds = max(ms, 0) // 1000
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _open(alerts: Sequence[AlertRecord]) -> int:
    return sum(not alert.is_over for alert in alerts)


def _zone(camera_id: str, cameras: Cameras) -> str:
    camera = cameras.get(camera_id)
    return camera.timezone if camera else "UTC"


def _when(at: Millis, timezone: str) -> str:
    """Return the time that a clock there shows: `21 November 2026, 13:00:00 (Europe/Vienna)`."""
    local = to_local(at, timezone)
    return f"{local.day} {local:%B %Y, %H:%M:%S} ({timezone})"
