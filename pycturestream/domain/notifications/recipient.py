"""Who is told of alerts: which ones, where to, when, and how often at most."""

from math import ceil
from typing import Literal

from msgspec import Struct

from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis, to_local

Channel = Literal["mail", "webhook"]
"""A way to reach somebody."""


class Subscription(Struct, frozen=True):
    """Which alerts somebody wants to hear of. No camera and no site named: those of all."""

    cameras: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    level: Level = 2
    """The least."""

    def covers(self, alert: AlertRecord) -> bool:
        anywhere = not self.cameras and not self.sites
        here = anywhere or alert.camera_id in self.cameras or alert.site in self.sites
        return here and alert.level >= self.level


class QuietHours(Struct, frozen=True):
    """From one local time until another, over midnight where the second is the earlier."""

    from_minute: int
    """Minutes since midnight."""
    until_minute: int
    except_level: Level | None = 3
    """Alerts of this level and above are told all the same; None: nothing is."""

    def hold(self, level: int, minute: int) -> bool:
        """Whether an alert of a level has to wait at a minute of the day."""
        if self.except_level is not None and level >= self.except_level:
            return False
        if self.from_minute <= self.until_minute:
            return self.from_minute <= minute < self.until_minute
        return minute >= self.from_minute or minute < self.until_minute


class Webhook(Struct, frozen=True):
    """A receiver's address, and the secret that signs what is sent there."""

    url: str
    secret: str


class Recipient(Struct, frozen=True):
    """One person or system, with a mail address, a webhook or both."""

    name: str
    mail: str = ""
    webhook: Webhook | None = None
    alerts: tuple[Subscription, ...] = (Subscription(),)
    timezone: str = "UTC"
    quiet_hours: QuietHours | None = None
    cooldown_ms: int = 10 * MINUTE_MS
    """After a message on a camera's rule, for how long its next situations wait together."""
    digest_ms: int = 10 * MINUTE_MS
    """The shortest time between two digests: what is too much for single messages waits for one."""
    hourly_limit: int = 20
    """Messages of all kinds in an hour; above `digests_per_hour`."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All of them are used for each message."""
        mail: tuple[Channel, ...] = ("mail",) if self.mail else ()
        webhook: tuple[Channel, ...] = ("webhook",) if self.webhook else ()
        return mail + webhook

    @property
    def digests_per_hour(self) -> int:
        return ceil(HOUR_MS / self.digest_ms)

    def wants(self, alert: AlertRecord) -> bool:
        return any(subscription.covers(alert) for subscription in self.alerts)

    def must_wait(self, level: int, now: Millis) -> bool:
        """Whether these are quiet hours for an alert of that level."""
        if self.quiet_hours is None:
            return False
        local = to_local(now, self.timezone)
        return self.quiet_hours.hold(level, 60 * local.hour + local.minute)
