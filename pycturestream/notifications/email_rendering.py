"""Renders a message as an email: the same content as text and HTML, and safe headers."""

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
from pycturestream.domain.times import Millis, span_in_words, to_local

Link = tuple[str, str]
"""A label, and an address."""
Links = Callable[[AlertRecord, str], Sequence[Link]]
"""Returns the actions on an alert for a recipient of this name."""
Cameras = Mapping[str, Camera]

SUBJECT_LENGTH: Final = 120
"""Longer ones are cut off: phones show some 40 characters, and a zone may have any name."""
DIGEST_LINES: Final = 40
"""The most lines of a digest; a line is a camera's rule, not an alert."""
_PICTURE: Final = "evidence"
_COLOURS: Final = {1: "#1d4f91", 2: "#8a5a00", 3: "#a4161a"}
"""Background by level, dark enough for white text."""

_POLICY = SMTP.clone(max_line_length=200)
"""With the default of 78 the library folds a subject before its first word, and readers see a
space there; the standard allows 998."""

_TEMPLATES = Environment(
    loader=PackageLoader("pycturestream.notifications"),
    autoescape=select_autoescape(("html.j2",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class DigestLine:
    """All alerts of one rule of a camera in a digest."""

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
    *,
    text_only: bool = False,
) -> EmailMessage:
    """Return the email; `sender` is a plain address, `picture` a JPEG that may be shown."""
    domain = sender.rpartition("@")[2]
    email = EmailMessage(policy=_POLICY)
    email["From"] = Address("PyctureStream", addr_spec=sender)
    email["To"] = Address(addr_spec=recipient.mail)
    email["Subject"] = subject(message)
    email["Date"] = format_datetime(datetime.fromtimestamp(message.at / 1000, UTC))
    email["Message-ID"] = f"<{message.id}@{domain}>"
    if message.thread:
        email["In-Reply-To"] = f"<{message.thread}@{domain}>"
        email["References"] = f"<{message.thread}@{domain}>"
    # Suppresses out-of-office replies.
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "All"
    email["List-Id"] = f"PyctureStream alerts <alerts.{domain}>"
    values = _values(message, recipient, cameras, links, shown=picture is not None)
    name = "digest" if message.kind == "digest" else "test" if message.kind == "test" else "alert"
    email.set_content(_TEMPLATES.get_template(f"{name}.txt.j2").render(values))
    if text_only:
        return email
    email.add_alternative(_TEMPLATES.get_template(f"{name}.html.j2").render(values), "html")
    if picture is not None:
        html = email.get_payload(1)
        assert isinstance(html, EmailMessage)  # noqa: S101 - as add_alternative has just made it
        html.add_related(
            picture,
            "image",
            "jpeg",
            cid=f"<{_PICTURE}>",
            disposition="inline",
            filename="evidence.jpg",
        )
    return email


def subject(message: Message) -> str:
    """Return a short subject; a reply keeps the subject of the first email.

    Mail programs that group threads by subject ignore a prefix in brackets.
    """
    match message.kind:
        case "test":
            text = "Test message: alerts will arrive here"
        case "digest":
            worst = max(message.alerts, key=lambda alert: alert.level)
            number = len(message.alerts)
            text = f"{number} alerts, {_open(message.alerts)} still open: {title(worst)}"
        case "raised":
            ended = "[ended] " if message.alerts[0].is_over else ""
            text = f"{ended}{message.title}"
        case "updated":
            text = f"[now {title(message.alerts[0]).partition(',')[0]}] {message.title}"
        case "cleared":
            text = f"[ended] {message.title}"
    return one_line(text)


def one_line(text: str) -> str:
    """Return text that is safe in a header."""
    plain = _plain(text)
    return plain if len(plain) <= SUBJECT_LENGTH else f"{plain[: SUBJECT_LENGTH - 1]}…"


def _plain(text: str) -> str:
    """Return text without line ends, control characters, and marks that change its direction."""
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(visible.split())


def _plain_alert(alert: AlertRecord) -> AlertRecord:
    """Return an alert with safe texts: names and reasons may come from anybody."""
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
    """Return the values for the templates."""
    values: dict[str, Any] = {
        "subject": subject(message),
        "kind": message.kind,
        "recipient": one_line(recipient.name),
        "links": links,
        "picture": f"cid:{_PICTURE}" if shown else None,
        "sent": _when(message.at, recipient.timezone),
    }
    if message.kind == "digest":
        lines = digest_lines([*map(_plain_alert, message.alerts)], cameras)
        values |= {
            "number": len(message.alerts),
            "still_open": _open(message.alerts),
            "lines": lines[:DIGEST_LINES],
            "more": len(lines) - DIGEST_LINES,
            "colours": _COLOURS,
        }
    elif message.alerts:
        [alert] = map(_plain_alert, message.alerts)
        zone = _zone(alert.camera_id, cameras)
        values |= {
            "alert": alert,
            "headline": title(alert),
            "level": LEVEL_NAMES[alert.level],
            "colour": _COLOURS[alert.level],
            "since": _when(alert.raised_at, zone),
            "changed": _when(alert.updated_at, zone),
            "lasted": span_in_words(alert.updated_at - alert.raised_at),
        }
    return values


def digest_lines(alerts: Sequence[AlertRecord], cameras: Cameras) -> list[DigestLine]:
    """Return the alerts grouped by camera and rule, the most dangerous and frequent first."""
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


def _open(alerts: Sequence[AlertRecord]) -> int:
    return sum(not alert.is_over for alert in alerts)


def _zone(camera_id: str, cameras: Cameras) -> str:
    camera = cameras.get(camera_id)
    return camera.timezone if camera else "UTC"


def _when(at: Millis, timezone: str) -> str:
    """Return a local time: `21 November 2026, 13:00:00 (Europe/Vienna)`."""
    local = to_local(at, timezone)
    return f"{local.day} {local:%B %Y, %H:%M:%S} ({timezone})"
