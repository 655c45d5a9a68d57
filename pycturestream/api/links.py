"""Links in mails that do something: signed, for one alert and one action, until some day.

Whoever has a link can use it, as whoever has the mail: it does no more than what it says, and only
after a click on the page that it opens, because mail scanners open links too.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from pycturestream.api.private_files import private_folder, read_or_make
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommand, CommandKind
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.times import Millis
from pycturestream.errors import AccessError

LINK_PATH = "/link/"
_LABELS: Mapping[CommandKind, str] = {
    "acknowledge": "I look after it",
    "wrong": "This alert is wrong",
    "silence": "Hear nothing of this rule for a while",
}


class LinkError(AccessError):
    """A link that is not ours, or was changed on its way."""


class LinkExpiredError(LinkError):
    """A link that is too old."""


@dataclass(frozen=True, slots=True)
class LinkedAction:
    """What a link does, and for whom it was made."""

    command: CommandKind
    camera_id: str
    alert_id: str
    rule: str
    recipient: str
    """Who got the link: a mail address or a name."""
    silence_ms: Millis
    """For how long a silence holds, from the click on."""

    def command_at(self, now: Millis, reason: str = "") -> AlertCommand:
        """Return what is said when somebody confirms the action."""
        silence = self.command == "silence"
        return AlertCommand(
            command=self.command,
            camera_id=self.camera_id,
            by=f"{self.recipient}, by link",
            at=now,
            alert_id=None if silence else self.alert_id,
            rule=self.rule,
            until=now + self.silence_ms if silence else None,
            reason=reason,
        )


class Links:
    """Makes links and reads them."""

    def __init__(self, secret: str, address: str, life_ms: Millis) -> None:
        self._signer = URLSafeSerializer(secret, salt="alert-link-1")
        self._address = address
        self._life_ms = life_ms

    def url(self, action: LinkedAction, now: Millis) -> str:
        """Return the address of an action's page; it can be used until its life is over."""
        token = self._signer.dumps([now + self._life_ms, msgspec.to_builtins(action)])
        return f"{self._address}{LINK_PATH}{token}"

    def read(self, token: str, now: Millis) -> LinkedAction:
        """Return what the last part of an address says. Raises LinkError and LinkExpiredError."""
        try:
            expires_at, fields = self._signer.loads(token)
            action = msgspec.convert(fields, LinkedAction)
        except (BadData, TypeError, ValueError, msgspec.ValidationError) as error:
            raise LinkError("the link is not valid") from error
        if expires_at <= now:
            raise LinkExpiredError("the link has expired")
        return action


def links_of(settings: Settings) -> Links:
    """Return what makes links that this system's `pycturestream serve` takes.

    The secret is that of the settings, or one that is made once. Lets OSError through.
    """
    secret = settings.link_secret
    if not secret:
        made = secrets.token_hex(32).encode()
        secret = read_or_make(private_folder(settings) / "link-secret", made).decode()
    return Links(secret, settings.web, settings.link_life_ms)


def alert_links(
    settings: Settings, links: Links, alert: AlertRecord, recipient: str, now: Millis
) -> list[tuple[str, str]]:
    """Return the labels and addresses of all that a mail of this alert offers its recipient."""
    return [
        (
            label,
            links.url(
                LinkedAction(
                    command,
                    alert.camera_id,
                    alert.id,
                    alert.rule,
                    recipient,
                    settings.link_silence_ms,
                ),
                now,
            ),
        )
        for command, label in _LABELS.items()
    ]
