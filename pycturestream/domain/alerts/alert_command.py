"""What people say of alerts: somebody looks after one, one was wrong, hear nothing for a time.

The topic `alert-commands` keeps the newest command on each matter; none at all takes it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from pycturestream.domain.times import Millis, compact

CommandKind = Literal["acknowledge", "wrong", "silence"]


class AlertCommand(Struct, frozen=True):
    """One thing that somebody said.

    `acknowledge` and `wrong` are about one alert, `silence` about what a camera (or one of its
    rules) raises from `at` until `until`.
    """

    command: CommandKind
    camera_id: str
    by: str
    """Who says so: a name, of a token or of a person."""
    at: Millis
    alert_id: str | None = None
    rule: str | None = None
    """Of an alert: the rule that it broke. Of a silence: this rule alone; None: all."""
    until: Millis | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        """What it is about: the key on the topic."""
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
    """Return why a silence would silence nothing, by the rules of each camera; None: it does."""
    if camera_id not in rules:
        return f"no settings name a camera {camera_id}, so it has no rules"
    if rule is not None and rule not in rules[camera_id]:
        return f"{camera_id} has no rule {rule}; it has: {', '.join(rules[camera_id]) or 'none'}"
    return None


def silence_key(camera_id: str, rule: str | None) -> str:
    """Return the key of a silence; no camera id has a colon, so no two can be taken for one."""
    return f"silence:{camera_id}" + (f":{rule}" if rule else "")


class AlertCommands(Struct, frozen=True):
    """All that holds, by the key of each: what the topic says at one moment."""

    by_key: Mapping[str, AlertCommand] = field(default_factory=dict)

    def acknowledged(self, alert_id: str) -> AlertCommand | None:
        """Return who looks after an alert, if somebody does."""
        return self.by_key.get(alert_key("acknowledge", alert_id))

    def wrong(self, alert_id: str) -> AlertCommand | None:
        """Return why an alert was wrong, if somebody said so."""
        return self.by_key.get(alert_key("wrong", alert_id))

    def silence(self, camera_id: str, rule: str, raised_at: Millis) -> AlertCommand | None:
        """Return what silences an alert of this rule that was raised then, if anything does."""
        for key in (silence_key(camera_id, None), silence_key(camera_id, rule)):
            said = self.by_key.get(key)
            if said and said.at <= raised_at < (said.until or 0):
                return said
        return None

    def all_of(self, kind: CommandKind) -> list[AlertCommand]:
        """Return all of one kind, the newest first."""
        return _newest_first(said for said in self.by_key.values() if said.command == kind)

    def silences(self, now: Millis) -> list[AlertCommand]:
        """Return the silences that are not over, the newest first."""
        return [said for said in self.all_of("silence") if now < (said.until or 0)]


def _newest_first(commands: Iterable[AlertCommand]) -> list[AlertCommand]:
    return sorted(commands, key=lambda said: (-said.at, said.key))
