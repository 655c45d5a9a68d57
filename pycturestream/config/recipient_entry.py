"""The keys of recipients.yaml, with the type and the bounds of their values."""

import re
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pycturestream.config.field_types import Begin, CameraId, End, Name, TimeZone
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.cameras.schedule import DAY_MINUTES, Period
from pycturestream.domain.notifications.recipient import (
    QuietHours,
    Recipient,
    Subscription,
    Webhook,
)
from pycturestream.domain.times import MINUTE_MS
from pycturestream.languages.catalog import Language

DEFAULTS = Recipient(name="")
DEFAULT_SUBSCRIPTION = Subscription()
DEFAULT_QUIET_HOURS = QuietHours(Period())
"""Their fields hold the defaults of the file's keys."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
"""An address that every mail server accepts: no quotes, no display name."""
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def _check_mail(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise PydanticCustomError("mail", "must be one address, such as watch@example.org")
    return text


def _check_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname)
        well_formed = well_formed and parts.port != 0 and not re.search(r"\s", text)
    except ValueError:
        well_formed = False
    if not well_formed:
        raise PydanticCustomError("url", "must be a URL that begins with https:// or http://")
    return text


def _check_secret(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise PydanticCustomError(
            "secret", "must name a variable of the environment, such as ${WATCH_SECRET}"
        )
    return text


Mail = Annotated[str, AfterValidator(_check_mail)]
Address = Annotated[str, AfterValidator(_check_url)]
Secret = Annotated[str, AfterValidator(_check_secret)]
Minutes = Annotated[float, Field(ge=1, le=24 * 60)]


class _Entry(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class WebhookEntry(_Entry):
    """The URL that is posted to, and the variable that holds the signing secret."""

    url: Address
    secret: Secret


class QuietHoursEntry(_Entry):
    """The period in which messages wait."""

    from_minute: Annotated[Begin, Field(alias="from")]
    to_minute: Annotated[End, Field(validation_alias=AliasChoices("to", "until"))]
    except_level: Level | None = DEFAULT_QUIET_HOURS.except_level

    @model_validator(mode="after")
    def _check_span(self) -> Self:
        if self.from_minute == self.to_minute % DAY_MINUTES:
            raise PydanticCustomError("quiet_hours", "from and to must not be the same time")
        return self

    def build(self) -> QuietHours:
        period = Period(from_minute=self.from_minute, to_minute=self.to_minute)
        return QuietHours(period, self.except_level)


class SubscriptionEntry(_Entry):
    """Which alerts a recipient gets."""

    cameras: tuple[CameraId, ...] = ()
    sites: tuple[Name, ...] = ()
    groups: tuple[Name, ...] = ()
    level: Level = DEFAULT_SUBSCRIPTION.level

    def build(self, groups: Mapping[str, tuple[str, ...]]) -> Subscription:
        members = (camera for group in self.groups for camera in groups[group])
        return Subscription(tuple(dict.fromkeys((*self.cameras, *members))), self.sites, self.level)


class RecipientSettings(_Entry):
    """A recipient as the file writes it."""

    name: Name
    mail: Mail | None = None
    webhook: WebhookEntry | None = None
    language: Language = DEFAULTS.language
    alerts: Annotated[tuple[SubscriptionEntry, ...], Field(min_length=1)] = (SubscriptionEntry(),)
    timezone: TimeZone = DEFAULTS.timezone
    quiet_hours: QuietHoursEntry | None = None
    cooldown_minutes: Minutes = DEFAULTS.cooldown_ms / MINUTE_MS
    digest_minutes: Minutes = DEFAULTS.digest_ms / MINUTE_MS
    messages_per_hour: Annotated[int, Field(ge=2, le=1000)] = DEFAULTS.hourly_limit

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        if self.mail is None and self.webhook is None:
            raise PydanticCustomError("recipient", "must have mail or webhook")
        needed = self.build({}, {}).digests_per_hour + 1
        if self.messages_per_hour < needed:
            raise PydanticCustomError(
                "messages_per_hour",
                "messages_per_hour must be at least {needed}: a digest every {minutes} minutes, "
                "and one message more",
                {"needed": needed, "minutes": f"{self.digest_minutes:g}"},
            )
        return self

    def build(
        self, groups: Mapping[str, tuple[str, ...]], environment: Mapping[str, str]
    ) -> Recipient:
        """Return the recipient, with the secret of its webhook from the environment."""
        webhook = None
        if self.webhook:
            variable = self.webhook.secret[2:-1]
            webhook = Webhook(self.webhook.url, environment.get(variable, ""))
        return Recipient(
            name=self.name,
            mail=self.mail or "",
            webhook=webhook,
            alerts=tuple(
                entry.build(groups)
                for entry in self.alerts
                if all(group in groups for group in entry.groups)
            ),
            language=self.language,
            timezone=self.timezone,
            quiet_hours=self.quiet_hours.build() if self.quiet_hours else None,
            cooldown_ms=round(MINUTE_MS * self.cooldown_minutes),
            digest_ms=round(MINUTE_MS * self.digest_minutes),
            hourly_limit=self.messages_per_hour,
        )


WHOLE = ("recipient", "messages_per_hour", "quiet_hours")
"""Types of mistakes that are about several keys together."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "file": ("recipients", "groups"),
    "recipient": tuple(RecipientSettings.model_fields),
    "alerts": tuple(SubscriptionEntry.model_fields),
    "webhook": tuple(WebhookEntry.model_fields),
    "quiet_hours": ("from", "to", "except_level"),
}
"""The keys that are allowed below each key of the file."""
