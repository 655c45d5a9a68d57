"""Alerts and recipients as the alert service has them; a test names only what matters to it."""

from msgspec.structs import replace

from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.notifications.notification import NotificationState, decide, ingest
from pycturestream.domain.notifications.recipient import Recipient
from tests.builders import NOON

MINUTE = 60_000
WATCH = Recipient("watch", mail="watch@example.org")


def alert(name="a", *, state="raised", revision=1, at=NOON, **changes):
    """Return an alert with a rule of its own, so that no other alert starts its cooldown."""
    defaults = {
        "id": f"gate:{name}",
        "run": "live",
        "camera_id": "gate",
        "rule": f"rule-{name}",
        "level": 2,
        "raised_at": at,
        "updated_at": at,
        "cleared_at": at if state == "cleared" else None,
        "reason": "A person stands in the driveway.",
        "label": "person",
        "zones": ("driveway",),
        "frame_id": "gate_20261121T120000000Z",
    }
    return AlertRecord(revision=revision, state=state, **{**defaults, **changes})


def cleared(alert, at):
    """Return the end of an alert."""
    return replace(
        alert, state="cleared", revision=alert.revision + 1, updated_at=at, cleared_at=at
    )


def in_force(*commands):
    """Return the commands in force after these."""
    return AlertCommands({command.key: command for command in commands})


def acknowledged(alert, at=NOON):
    return AlertCommand("acknowledge", alert.camera_id, "ann", at, alert_id=alert.id)


def false_alarm(alert, at=NOON):
    return AlertCommand("wrong", alert.camera_id, "ann", at, alert_id=alert.id)


def silence(camera_id, at, until, rule=None):
    return AlertCommand("silence", camera_id, "ann", at, rule=rule, until=until)


class NotificationDriver:
    """Drives the domain functions, with a clock that a test sets."""

    def __init__(self, *recipients, commands=None):
        self.recipients = recipients or (WATCH,)
        self.commands = commands or AlertCommands()
        self.state = NotificationState()
        self.now = NOON

    def at(self, now, *alerts):
        """Return the messages after these records came at that time."""
        self.now = now
        for one in alerts:
            self.state = ingest(self.state, one, self.recipients, self.commands, now)
        self.state, messages = decide(self.state, self.recipients, self.commands, now)
        return list(messages)

    def later(self, minutes, *alerts):
        return self.at(self.now + round(minutes * MINUTE), *alerts)
