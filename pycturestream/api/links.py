"""Signed links in emails: each performs one action on one alert, until it expires.

Anybody who has the email can use its links. A link does only what its label says, and only after a
click on the page that it opens, because mail scanners open links too.
"""

import secrets
from dataclasses import dataclass
from typing import get_args

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from pycturestream.application.alerts import AlertService, AlertTarget
from pycturestream.config.private_files import private_folder, read_or_make
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommand, CommandKind
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import Millis
from pycturestream.errors import AccessError
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language, text

LINK_PATH = "/link/"
BY_LINK = ", by link"
"""What is put behind the name of whoever acts by a link."""


class LinkError(AccessError):
    """A link that was not made here, or was changed."""


class LinkExpiredError(LinkError):
    """A link that has expired; it still says in which language its reader is answered."""

    def __init__(self, language: Language) -> None:
        super().__init__("the link has expired")
        self.language: Language = language


@dataclass(frozen=True, slots=True)
class LinkedAction:
    """What a link does, and for whom it was made."""

    command: CommandKind
    camera_id: str
    alert_id: str
    rule: str
    recipient: str
    """Who received the link: an email address or a name."""
    silence_ms: Millis
    """How long a silence lasts, from the click."""
    language: Language = DEFAULT_LANGUAGE
    """Of the recipient; links of older programs name none."""
    timezone: str = "UTC"
    """By whose clock the page tells times."""
    raised_at: Millis | None = None
    """When the alert was raised; links of older programs do not say it."""


def perform(action: LinkedAction, service: AlertService, at: Millis, reason: str) -> AlertCommand:
    """Do what a link is for, when somebody confirms it; return the command that was published.

    The signature vouches for alert, camera and rule: they are not looked up again, so that a link
    works while Elasticsearch does not answer.
    """
    by = f"{action.recipient}{BY_LINK}"
    target = AlertTarget(action.alert_id, action.camera_id, action.rule, action.raised_at)
    match action.command:
        case "acknowledge":
            return service.acknowledge(target, by, reason, at)
        case "wrong":
            return service.mark_false(target, by, reason, at)
        case "silence":
            return service.silence(
                action.camera_id,
                action.rule,
                by=by,
                reason=reason,
                at=at,
                until=at + action.silence_ms,
                check=False,
            )


class Links:
    """Makes links and reads them."""

    def __init__(self, secret: str, address: str, life_ms: Millis) -> None:
        self._signer = URLSafeSerializer(secret, salt="alert-link-1")
        self._address = address
        self._life_ms = life_ms

    def url(self, action: LinkedAction, now: Millis) -> str:
        """Return the address of an action's page; it works until it expires."""
        token = self._signer.dumps([now + self._life_ms, msgspec.to_builtins(action)])
        return f"{self._address}{LINK_PATH}{token}"

    def read(self, token: str, now: Millis) -> LinkedAction:
        """Return the action in the last part of an address. Raises LinkError, LinkExpiredError."""
        try:
            expires_at, fields = self._signer.loads(token)
            action = msgspec.convert(fields, LinkedAction)
        except (BadData, TypeError, ValueError, msgspec.ValidationError) as error:
            raise LinkError("the link is not valid") from error
        if expires_at <= now:
            raise LinkExpiredError(action.language)
        return action


def links_of(settings: Settings) -> Links:
    """Return what makes links that this system's `pycturestream serve` accepts.

    The secret comes from the settings, or is made once and stored. Lets OSError through.
    """
    secret = settings.link_secret
    if not secret:
        made = secrets.token_hex(32).encode()
        secret = read_or_make(private_folder(settings) / "link-secret", made).decode()
    return Links(secret, settings.web, settings.link_life_ms)


def alert_links(
    settings: Settings, links: Links, alert: AlertRecord, recipient: Recipient, now: Millis
) -> list[tuple[str, str]]:
    """Return the labels and addresses of the actions that an email about an alert offers."""
    commands: tuple[CommandKind, ...] = get_args(CommandKind)
    camera_zone = alert.facts.timezone if alert.facts else "UTC"
    return [
        (
            text(recipient.language, f"link-{command}"),
            links.url(
                LinkedAction(
                    command,
                    alert.camera_id,
                    alert.id,
                    alert.rule,
                    recipient.name,
                    settings.link_silence_ms,
                    recipient.language,
                    recipient.timezone or camera_zone,
                    alert.raised_at,
                ),
                now,
            ),
        )
        for command in commands
    ]
