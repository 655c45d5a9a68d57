"""Messages about alerts in every language, kept as files beside this one.

Run as `python -m tests.unit.notifications.messages` to write them again: only for a change that is
meant to change messages, and read what has become of them, with the checklist in docs/alerts.md.
"""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from msgspec.structs import replace

from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.alerts.wording import title
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import Message, MessageKind, new_test_message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import rfc3339
from pycturestream.languages.catalog import LANGUAGES, Language, text
from pycturestream.notifications.email_rendering import render_email
from tests.alerts import MINUTE, cleared
from tests.alerts_of_each_kind import FACTS, VIENNA, alert_of
from tests.builders import NOON

FOLDER = Path(__file__).parent / "messages"
CAMERAS = {"gate": Camera("gate", timezone=VIENNA)}
SENDER = "alerts@example.org"


def file_of(language: Language) -> Path:
    return FOLDER / f"{language}.txt"


def messages(language: Language) -> Iterator[tuple[str, Message]]:
    """Yield a message of each kind, and about an alert of each kind, with what it is."""
    whole = replace(alert_of(FACTS["some who stay at night"], level=3), site="north")
    facts = whole.facts
    assert facts is not None
    more = replace(whole, count=6, facts=replace(facts, count=6))
    until = rfc3339(NOON + 2 * MINUTE)
    over = cleared(replace(whole, facts=replace(facts, seen_until=until)), NOON + 3 * MINUTE)
    gone = cleared(replace(whole, facts=replace(facts, rule_removed=True)), NOON + 25 * 60 * MINUTE)
    yield "raised", _message("raised", language, whole)
    yield "updated", _message("updated", language, more, of=title(whole, language))
    yield "cleared", _message("cleared", language, over)
    yield "its rule was removed", _message("cleared", language, gone)
    for name, one in FACTS.items():
        yield name, _message("raised", language, alert_of(one))
    others = [replace(alert_of(one), id=f"gate:{name}") for name, one in FACTS.items()]
    elsewhere = [
        replace(over, id=f"{number}", camera_id=f"c{number}", raised_at=NOON + number * MINUTE)
        for number in range(41)
    ]
    yield "digest", _message("digest", language, *others, replace(over, rule="drive"))
    yield "digest of one that is over", _message("digest", language, over)
    yield "digest that is cut off", _message("digest", language, *elsewhere)
    yield "test", new_test_message("watch", NOON, language)


def rendered(message: Message) -> EmailMessage:
    """Return a message as an email to somebody in London, about a camera in Vienna."""
    recipient = Recipient(
        "watch", "watch@example.org", language=message.language, timezone="Europe/London"
    )
    links = [
        (text(message.language, f"link-{command}"), f"https://example.org/link/{command}")
        for command in ("acknowledge", "wrong", "silence")
    ]
    shown = links if message.kind in {"raised", "updated"} else []
    return render_email(message, recipient, SENDER, CAMERAS, shown)


def transcript(language: Language) -> str:
    """Return the subjects and texts of all messages in a language."""
    parts = []
    for name, message in messages(language):
        email = rendered(message)
        plain = email.get_body(("plain",))
        assert plain is not None
        words = plain.get_content().partition("\n-- \n")[0].strip()
        if name == "digest that is cut off":
            words = "\n".join([*words.splitlines()[:7], "…", words.splitlines()[-1]])
        parts.append(f"### {name}\nSubject: {email['Subject']}\n\n{words}\n")
    footer = plain.get_content().partition("\n-- \n")[2].strip()
    return "\n".join([*parts, f"### footer\n{footer}\n"])


def _message(
    kind: MessageKind, language: Language, *alerts: AlertRecord, of: str | None = None
) -> Message:
    one = of or title(alerts[0], language)
    return Message("a" * 32, "watch", kind, alerts, NOON, one, language=language)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in LANGUAGES:
        file_of(name).write_text(transcript(name), "utf-8")
