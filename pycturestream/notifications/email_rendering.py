"""Renders a message as an email: the same content as text and HTML, and safe headers.

The templates hold no words: those are in the files of the languages.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pycturestream.domain.alerts import wording
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.languages.catalog import Language, text, texts
from pycturestream.languages.times import duration
from pycturestream.languages.typography import unbroken
from pycturestream.notifications.message_wording import (
    DIGEST_LINES,
    Cameras,
    digest_headline,
    digest_lines,
    one_line,
    plain,
    reason,
    subject,
    when,
)

Link = tuple[str, str]
"""A label, and an address."""
Links = Callable[[AlertRecord, Recipient], Sequence[Link]]
"""Returns the actions on an alert for a recipient."""

_PICTURE: Final = "evidence"
_COLOURS: Final = {1: "#1d4f91", 2: "#8a5a00", 3: "#a4161a"}
"""Background by level, dark enough for white text."""
_ENDED: Final = "#2f6b3a"
"""Background of what is over."""

_POLICY = SMTP.clone(max_line_length=200)
"""With the default of 78 the library folds a subject before its first word, and readers see a
space there; the standard allows 998."""

_TEMPLATES = Environment(
    loader=PackageLoader("pycturestream.notifications"),
    autoescape=select_autoescape(("html.j2",)),
    undefined=StrictUndefined,
    finalize=unbroken,
    trim_blocks=True,
    lstrip_blocks=True,
)


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
    if not text_only:
        _add_html(email, _TEMPLATES.get_template(f"{name}.html.j2").render(values), picture)
    # Last, since the library takes such headers to be those of the first part.
    email["Content-Language"] = message.language
    return email


def _add_html(email: EmailMessage, html: str, picture: bytes | None) -> None:
    email.add_alternative(html, "html")
    if picture is not None:
        part = email.get_payload(1)
        assert isinstance(part, EmailMessage)  # noqa: S101 - as add_alternative has just made it
        part.add_related(
            picture,
            "image",
            "jpeg",
            cid=f"<{_PICTURE}>",
            disposition="inline",
            filename="evidence.jpg",
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
    language = message.language
    values: dict[str, Any] = {
        "language": language,
        "text": texts(language),
        "subject": subject(message),
        "kind": message.kind,
        "recipient": one_line(recipient.name),
        "links": links,
        "picture": f"cid:{_PICTURE}" if shown else None,
        "sent": when(message.at, language, recipient),
    }
    if message.kind == "digest":
        lines = digest_lines(message, recipient, cameras)
        values |= {
            "headline": digest_headline(message.alerts, language),
            "number": len(message.alerts),
            "lines": lines[:DIGEST_LINES],
            "more": len(lines) - DIGEST_LINES,
            "colours": _COLOURS,
        }
    elif message.alerts:
        [alert] = message.alerts
        rows = _rows(alert, language, recipient, cameras.get(alert.camera_id))
        values |= {
            "is_over": alert.is_over,
            "headline": _headline(message),
            "reason": reason(alert, language, recipient),
            "colour": _ENDED if alert.is_over else _COLOURS[alert.level],
            "lasted": duration(alert.updated_at - alert.raised_at, language),
            "rows": rows,
            "name_width": max(len(name) for name, _ in rows),
        }
    return values


def _headline(message: Message) -> str:
    """Return the title of an alert as it is now, and whether that is news."""
    language = message.language
    headline = plain(wording.title(message.alerts[0], language))
    if message.alerts[0].is_over:
        return text(language, "mail-headline-ended", {"headline": headline})
    if message.kind == "updated":
        return text(language, "mail-headline-updated", {"headline": headline})
    return headline


def _rows(
    alert: AlertRecord, language: Language, recipient: Recipient, camera: Camera | None
) -> list[tuple[str, str]]:
    """Return the names and values of an alert's details."""
    level = {"level": wording.level_name(alert.level, language), "number": alert.level}
    rows = {
        "camera": alert.camera_id,
        "site": plain(alert.site),
        "rule": plain(alert.rule),
        "level": text(language, "mail-level-of", level),
        "since": when(alert.raised_at, language, recipient, camera),
        "ended" if alert.is_over else "changed": when(
            alert.updated_at, language, recipient, camera
        ),
        "count": str(alert.count) if alert.label and alert.count else "",
    }
    return [
        (text(language, "mail-row", {"name": text(language, f"mail-{name}")}), value)
        for name, value in rows.items()
        if value
    ]
