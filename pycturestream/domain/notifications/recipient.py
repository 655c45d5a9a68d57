"""Who is notified of alerts: of which ones, on which channels, when, and how often at most."""

from math import ceil
from typing import Literal

from msgspec import Struct

from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.cameras.schedule import Period, holds
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language

Channel = Literal["mail", "webhook"]
"""A way to reach a recipient."""


class Subscription(Struct, frozen=True):
    """Which alerts a recipient wants. No camera and no site: those of all."""

    cameras: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    level: Level = 2
    """The lowest."""

    def covers(self, alert: AlertRecord) -> bool:
        everywhere = not self.cameras and not self.sites
        here = everywhere or alert.camera_id in self.cameras or alert.site in self.sites
        return here and alert.level >= self.level


class QuietHours(Struct, frozen=True):
    """A period of the day, by the recipient's clock, in which messages wait."""

    period: Period
    except_level: Level | None = 3
    """Alerts of this level and above are sent at once; None: all wait."""

    def hold(self, level: int, at: Millis, timezone: str) -> bool:
        """Whether an alert of a level has to wait; `timezone` is the recipient's."""
        if self.except_level is not None and level >= self.except_level:
            return False
        return holds((self.period,), at, timezone)


class Webhook(Struct, frozen=True):
    """The URL of a receiver, and the secret that signs what is sent there."""

    url: str
    secret: str


class Recipient(Struct, frozen=True):
    """One person or system, with an email address, a webhook or both."""

    name: str
    mail: str = ""
    webhook: Webhook | None = None
    alerts: tuple[Subscription, ...] = (Subscription(),)
    language: Language = DEFAULT_LANGUAGE
    timezone: str = ""
    """Of the quiet hours, and of the times in messages; empty: UTC, and the camera's."""
    quiet_hours: QuietHours | None = None
    cooldown_ms: int = 10 * MINUTE_MS
    """After a message on a camera's rule, for how long its next alerts wait for one digest."""
    digest_ms: int = 10 * MINUTE_MS
    """The shortest time between two digests: alerts above the hourly limit wait for one."""
    hourly_limit: int = 20
    """Messages of all kinds in an hour; above `digests_per_hour`."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All of them are used for each message."""
        mail: tuple[Channel, ...] = ("mail",) if self.mail else ()
        webhook: tuple[Channel, ...] = ("webhook",) if self.webhook else ()
        return mail + webhook

    @property
    def clock_zone(self) -> str:
        """The time zone of the recipient's clock."""
        return self.timezone or "UTC"

    @property
    def digests_per_hour(self) -> int:
        return ceil(HOUR_MS / self.digest_ms)

    def wants(self, alert: AlertRecord) -> bool:
        return any(subscription.covers(alert) for subscription in self.alerts)

    def must_wait(self, level: int, now: Millis) -> bool:
        """Whether these are quiet hours for an alert of that level."""
        if self.quiet_hours is None:
            return False
        return self.quiet_hours.hold(level, now, self.clock_zone)
