"""The alerts with what people say of them, and the place to say it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_commands import alert_with_commands
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.reports.alert_rates import PAST_DAYS, CameraDay, CameraRate, alert_rates
from pycturestream.domain.reports.false_alarm import (
    Evidence,
    FalseAlarm,
    Suggestion,
    evidence,
    suggestions,
)
from pycturestream.domain.times import DAY_MS, HOUR_MS, Millis
from pycturestream.log.alert_commands import publish_alert_command, take_back_alert_commands
from pycturestream.stores.search import (
    ALL,
    Scope,
    count_alerts_by_day,
    count_seen_windows_by_day,
    find_alert,
    find_alerts,
    find_frames,
)

Json = dict[str, Any]


class AlertService:
    """Reads alerts from Elasticsearch and commands from the log.

    Lets elasticsearch.ApiError, elasticsearch.TransportError and kafka.errors.KafkaError through.
    """

    def __init__(
        self,
        settings: Settings,
        client: Elasticsearch,
        known: Callable[[], AlertCommands],
        cameras: Callable[[], Mapping[str, Camera]],
    ) -> None:
        """`known` returns what people say of alerts now, `cameras` the settings that hold."""
        self._settings = settings
        self._client = client
        self._known = known
        self._cameras = cameras

    def alerts(
        self, scope: Scope, limit: int, *, label: str | None = None, only_open: bool = False
    ) -> list[Json]:
        """Return alerts by the time they were raised, the newest first, with what is said of them.

        Of replays nobody says anything: their alerts may have the ids of live ones.
        """
        found = list(find_alerts(self._client, scope, limit, label=label, only_open=only_open))
        known = self._known() if scope.run == LIVE else AlertCommands()
        return [alert_with_commands(alert, known) for alert in found]

    def alert(self, alert_id: str) -> Json | None:
        """Return a live alert as it stands now, with what is said of it; None: there is none."""
        found = find_alert(self._client, alert_id)
        return found and alert_with_commands(found, self._known())

    def rules(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the rules of each camera that has settings."""
        return {
            name: tuple(rule.name for rule in camera.rules)
            for name, camera in self._cameras().items()
        }

    def commands(self) -> AlertCommands:
        """Return what people say of alerts."""
        return self._known()

    def say(self, command: AlertCommand) -> None:
        """Say something of an alert or camera; return when it is in the log."""
        publish_alert_command(self._settings, command)

    def take_back(self, keys: Iterable[str]) -> None:
        """Take back what was said on these matters."""
        take_back_alert_commands(self._settings, keys)

    def false_alarms(self, scope: Scope) -> tuple[list[FalseAlarm], list[Suggestion]]:
        """Return the wrong alerts that are still kept, the newest first, and what would help.

        As right count the other alerts of these cameras and of the same time.
        """
        known = self._known()
        cameras = {said.camera_id for said in known.all_of("wrong")}
        found = [
            alert
            for alert in find_alerts(self._client, scope, ALL)
            if alert["camera_id"] in cameras
        ]
        frames = {
            frame["frame_id"]: frame
            for frame in find_frames(
                self._client, [alert["frame_id"] for alert in found if alert["frame_id"]]
            )
        }
        wrong: list[FalseAlarm] = []
        right: list[Evidence] = []
        for alert in found:
            about = evidence(alert, frames.get(alert["frame_id"]))
            if said := known.wrong(about.alert_id):
                wrong.append(FalseAlarm(about, said))
            else:
                right.append(about)
        return wrong, suggestions([one.evidence for one in wrong], right)

    def rates(self, since: Millis, until: Millis) -> list[CameraRate]:
        """Return the alerts of each live camera that was seen or had alerts in this time."""
        scope = Scope(since=since - PAST_DAYS * DAY_MS, until=until)
        offset = since % DAY_MS
        alerts = count_alerts_by_day(self._client, scope, offset)
        windows = count_seen_windows_by_day(self._client, scope, offset)
        window_hours = self._settings.count_window_ms / HOUR_MS
        days = [
            CameraDay(*key, alerts.get(key, 0), windows.get(key, 0) * window_hours)
            for key in alerts.keys() | windows.keys()
        ]
        return alert_rates(days, since)
