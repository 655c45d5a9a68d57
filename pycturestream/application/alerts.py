"""The use cases of alerts: find them, acknowledge, mark as false alarm, silence, and report."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pycturestream.application.alert_ports import AlertSearch, CommandLog, DaySearch
from pycturestream.contracts.alert_commands import alert_with_commands
from pycturestream.domain.alerts.alert_command import (
    AlertCommand,
    AlertCommands,
    CommandKind,
    alert_key,
    silence_fault,
    silence_key,
)
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.reports.alert_rates import PAST_DAYS, CameraDay, CameraRate, alert_rates
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.reports.daily_rates import daily_rates, recorded_days
from pycturestream.domain.reports.false_alarm import (
    Evidence,
    FalseAlarm,
    Suggestion,
    evidence,
    suggestions,
)
from pycturestream.domain.times import DAY_MS, HOUR_MS, Millis, parse_rfc3339
from pycturestream.errors import DataError
from pycturestream.stores.search import ALL, Scope

Json = dict[str, Any]


class NotFoundError(DataError):
    """There is no such alert, camera, rule or silence.

    The message says what is missing; the interface adds where to look it up.
    """


class AlertNotFoundError(NotFoundError):
    """There is no live alert with this id."""

    def __init__(self, alert_id: str) -> None:
        super().__init__(f"there is no alert {alert_id}")


class NoSuchRuleError(NotFoundError):
    """A silence would be for a camera without settings, or for a rule that it does not have."""


class NotSilencedError(NotFoundError):
    """There is no silence to end."""


@dataclass(frozen=True, slots=True)
class AlertTarget:
    """The alert that a command is about."""

    alert_id: str
    camera_id: str
    rule: str
    raised_at: Millis | None = None
    """None where a link of an older program does not say it."""


class AlertService:
    """Combines alerts with the commands that people gave about them.

    Lets the errors of its ports through (see alert_ports).
    """

    def __init__(
        self,
        search: AlertSearch,
        commands: CommandLog,
        cameras: Callable[[], Mapping[str, Camera]],
        count_window_ms: Millis,
    ) -> None:
        """`cameras` returns the settings in force, `count_window_ms` is that of the counts."""
        self._search = search
        self._commands = commands
        self._cameras = cameras
        self._count_window_ms = count_window_ms

    def alerts(
        self, scope: Scope, limit: int, *, label: str | None = None, only_open: bool = False
    ) -> list[Json]:
        """Return alerts by the time they were raised, the newest first, with their commands.

        Alerts of replays have none, although their ids may be those of live ones.
        """
        found = list(self._search.find(scope, limit, label=label, only_open=only_open))
        commands = self.commands() if scope.run == LIVE else AlertCommands()
        return [alert_with_commands(alert, commands) for alert in found]

    def alert(self, alert_id: str) -> Json:
        """Return a live alert as it is now, with its commands. Raises AlertNotFoundError."""
        found = self._search.get(alert_id)
        if found is None:
            raise AlertNotFoundError(alert_id)
        return alert_with_commands(found, self.commands())

    def commands(self) -> AlertCommands:
        """Return the commands that hold now."""
        return self._commands.current()

    def acknowledge(
        self, alert: str | AlertTarget, by: str, reason: str, at: Millis
    ) -> AlertCommand:
        """Record that somebody handles an alert. Raises AlertNotFoundError.

        The id of an alert is looked up. A target is taken as it is: whoever has it has looked it
        up already, or has a signed link, which must work while Elasticsearch is away.
        """
        return self._publish_about("acknowledge", alert, by, reason, at)

    def take_back_acknowledge(self, alert: str | AlertTarget) -> str:
        """Record that nobody handles an alert; return the key. Raises AlertNotFoundError."""
        return self._take_back_about("acknowledge", alert)

    def mark_false(
        self, alert: str | AlertTarget, by: str, reason: str, at: Millis
    ) -> AlertCommand:
        """Record that an alert was a false alarm, and why. See acknowledge."""
        return self._publish_about("wrong", alert, by, reason, at)

    def take_back_false_alarm(self, alert: str | AlertTarget) -> str:
        """Record that an alert was right; return the key. Raises AlertNotFoundError."""
        return self._take_back_about("wrong", alert)

    def silence(
        self,
        camera_id: str,
        rule: str | None,
        *,
        by: str,
        reason: str,
        at: Millis,
        until: Millis,
        check: bool = True,
    ) -> AlertCommand:
        """Silence a camera, or one of its rules, from `at` until `until`. Raises NoSuchRuleError.

        `check`: False where a signed link names the rule.
        """
        if check:
            # Whoever relies on a silence that matches nothing gets the alerts all the same.
            rules = {
                name: tuple(one.name for one in camera.rules)
                for name, camera in self._cameras().items()
            }
            if fault := silence_fault(rules, camera_id, rule):
                raise NoSuchRuleError(fault)
        command = AlertCommand(
            "silence", camera_id, by=by, at=at, rule=rule, until=until, reason=reason
        )
        self._commands.publish(command)
        return command

    def end_silence(self, camera_id: str, rule: str | None, *, check: bool = True) -> str:
        """End the silence of a camera, or of one of its rules; return the key.

        Raises NotSilencedError. `check`: False to end one that may not be there.
        """
        key = silence_key(camera_id, rule)
        if check and key not in self.commands().by_key:
            what = f"rule {rule} of {camera_id}" if rule else f"{camera_id} as a whole"
            raise NotSilencedError(f"{what} is not silenced")
        self._commands.take_back([key])
        return key

    def false_alarms(self, scope: Scope) -> tuple[list[FalseAlarm], list[Suggestion]]:
        """Return the false alarms that are still kept, the newest first, and suggested settings.

        The other alerts of these cameras in the same time count as right.
        """
        commands = self.commands()
        cameras = {command.camera_id for command in commands.all_of("wrong")}
        if scope.cameras is not None:
            cameras &= {*scope.cameras}
        if not cameras:
            return [], []
        found = list(self._search.find(replace(scope, cameras=sorted(cameras)), ALL))
        frames = {
            frame["frame_id"]: frame
            for frame in self._search.frames(
                [alert["frame_id"] for alert in found if alert["frame_id"]]
            )
        }
        false: list[FalseAlarm] = []
        right: list[Evidence] = []
        for alert in found:
            about = evidence(alert, frames.get(alert["frame_id"]))
            if command := commands.wrong(about.alert_id):
                false.append(FalseAlarm(about, command))
            else:
                right.append(about)
        return false, suggestions([one.evidence for one in false], right)

    def rates(self, since: Millis, until: Millis) -> list[CameraRate]:
        """Return the alerts of each live camera that was seen or had alerts in this time."""
        return alert_rates(camera_days(self._search, since, until, self._count_window_ms), since)

    def _publish_about(
        self, kind: CommandKind, alert: str | AlertTarget, by: str, reason: str, at: Millis
    ) -> AlertCommand:
        target = self._target(alert)
        command = AlertCommand(
            kind,
            target.camera_id,
            by=by,
            at=at,
            alert_id=target.alert_id,
            rule=target.rule,
            reason=reason,
            raised_at=target.raised_at,
        )
        self._commands.publish(command)
        return command

    def _take_back_about(self, kind: CommandKind, alert: str | AlertTarget) -> str:
        key = alert_key(kind, self._target(alert).alert_id)
        self._commands.take_back([key])
        return key

    def _target(self, alert: str | AlertTarget) -> AlertTarget:
        if isinstance(alert, AlertTarget):
            return alert
        found = self._search.get(alert)
        if found is None:
            raise AlertNotFoundError(alert)
        return target_of(found)


def daily_alert_rates(
    search: DaySearch, now: Millis, count_window_ms: Millis
) -> Iterator[DailyRate]:
    """Return the rates of the newest complete days, of each live camera: see `daily_rates`."""
    first, *_, last = recorded_days(now)
    return daily_rates(camera_days(search, first, last + DAY_MS, count_window_ms), now)


def camera_days(
    search: DaySearch, since: Millis, until: Millis, count_window_ms: Millis
) -> list[CameraDay]:
    """Return the days of each live camera from `since` until just before `until`, and its past.

    Phones of the seeing aid raise no alerts, and are no peers of cameras that do.
    """
    scope = Scope(since=since - PAST_DAYS * DAY_MS, until=until)
    offset_ms = since % DAY_MS
    alerts = search.alerts_by_day(scope, offset_ms)
    windows = search.seen_windows_by_day(scope, offset_ms)
    window_hours = count_window_ms / HOUR_MS
    return [
        # Windows may have been shorter on earlier days: no day has more hours than it has.
        CameraDay(*key, alerts.get(key, 0), min(24.0, windows.get(key, 0) * window_hours))
        for key in alerts.keys() | windows.keys()
        if not is_eye_camera(key[0])
    ]


def target_of(alert: Json) -> AlertTarget:
    """Return the target of a command about an alert's record."""
    raised_at = parse_rfc3339(alert["raised_at"])
    return AlertTarget(alert["id"], alert["camera_id"], alert["rule"], raised_at)
