"""Commands of people about alerts: acknowledge one, mark it as a false alarm, silence a rule.

The topic `alert-commands` keeps the newest command of each key; a tombstone takes it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.times import DAY_MS, Millis, compact

CommandKind = Literal["acknowledge", "wrong", "silence"]
"""`wrong` marks a false alarm."""


LONGEST_SILENCE_MS = 30 * DAY_MS
"""Nobody remembers a silence for longer; what shall never be reported needs no rule."""


class AlertCommand(Struct, frozen=True):
    """One command.

    `acknowledge` and `wrong` are about one alert, `silence` about the alerts that a camera (or one
    of its rules) raises from `at` until `until`.
    """

    command: CommandKind
    camera_id: str
    by: str
    """Who gave it: the name of a token or of a person."""
    at: Millis
    alert_id: str | None = None
    rule: str | None = None
    """Of an alert: its rule. Of a silence: only this rule; None: all."""
    until: Millis | None = None
    reason: str = ""
    raised_at: Millis | None = None
    """When the alert was raised; None for a silence, and for commands of older programs."""

    @property
    def key(self) -> str:
        """The key on the topic: what the command is about."""
        if self.command == "silence":
            return silence_key(self.camera_id, self.rule)
        return alert_key(self.command, self.alert_id or "")

    @property
    def id(self) -> str:
        return f"{self.key}:{compact(self.at)}"


def alert_key(command: CommandKind, alert_id: str) -> str:
    return f"{command}:{alert_id}"


def silence_fault(
    rules: Mapping[str, Sequence[str]], camera_id: str, rule: str | None
) -> str | None:
    """Return why a silence would match nothing, given the rules of each camera; None: it would."""
    if camera_id not in rules:
        return f"no settings name a camera {camera_id}, so it has no rules"
    if rule is not None and rule not in rules[camera_id]:
        return f"{camera_id} has no rule {rule}; it has: {', '.join(rules[camera_id]) or 'none'}"
    return None


def not_later(command: AlertCommand, latest: Millis) -> AlertCommand:
    """Return a command as one of `latest` if it says that it is of later, for as long."""
    ahead = command.at - latest
    if ahead <= 0:
        return command
    until = command.until and command.until - ahead
    return replace(command, at=latest, until=until)


def check_silence(at: Millis, until: Millis) -> None:
    """Raise ValueError, for users, where a silence would be over at once or last too long."""
    if until <= at:
        raise ValueError("the silence would end in the past")
    if until - at > LONGEST_SILENCE_MS:
        days = LONGEST_SILENCE_MS // DAY_MS
        raise ValueError(f"a silence lasts {days} days at most: for longer, remove the rule")


def silence_key(camera_id: str, rule: str | None) -> str:
    """Return the key of a silence; it is unique, as no camera id contains a colon."""
    return f"silence:{camera_id}" + (f":{rule}" if rule else "")


class AlertCommands(Struct, frozen=True):
    """The commands in force at one moment, by their keys."""

    by_key: Mapping[str, AlertCommand] = field(default_factory=dict)

    def acknowledged(self, alert_id: str) -> AlertCommand | None:
        """Return the acknowledgement of an alert, if there is one."""
        return self.by_key.get(alert_key("acknowledge", alert_id))

    def wrong(self, alert_id: str) -> AlertCommand | None:
        """Return the command that marked an alert as a false alarm, if there is one."""
        return self.by_key.get(alert_key("wrong", alert_id))

    def silence(self, camera_id: str, rule: str, raised_at: Millis) -> AlertCommand | None:
        """Return the silence that covers an alert of this rule raised at that time, if any."""
        for key in (silence_key(camera_id, None), silence_key(camera_id, rule)):
            command = self.by_key.get(key)
            if command and command.at <= raised_at < (command.until or 0):
                return command
        return None

    def all_of(self, kind: CommandKind) -> list[AlertCommand]:
        """Return the commands of one kind, the newest first."""
        return _newest_first(one for one in self.by_key.values() if one.command == kind)

    def silences(self, now: Millis) -> list[AlertCommand]:
        """Return the active silences, the newest first."""
        return [one for one in self.all_of("silence") if now < (one.until or 0)]


def _newest_first(commands: Iterable[AlertCommand]) -> list[AlertCommand]:
    return sorted(commands, key=lambda one: (-one.at, one.key))
