"""A desk in memory, held to the same contract as the real one (tests/desk_contract.py)."""

from collections import Counter

from pycturestream.contracts.alert_commands import alert_with_commands
from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, CAMERAS, DETECTIONS
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.reports.alert_rates import PAST_DAYS, CameraDay, alert_rates
from pycturestream.domain.reports.false_alarm import FalseAlarm, evidence, suggestions
from pycturestream.domain.times import DAY_MS, parse_rfc3339


class FakeAlertService:
    """Records that a test gave it, and what was said."""

    def __init__(self, *records):
        self.records = list(records)
        """Pairs of topic and record; of cameras, their settings."""
        self.said = {}

    def put(self, *records):
        self.records += records

    def alerts(self, scope, limit, *, label=None, only_open=False):
        known = self.commands() if scope.run == LIVE else AlertCommands()
        found = [
            alert_with_commands(alert, known)
            for alert in self._of(ALERTS)
            if alert["run"] == scope.run
            and scope.camera_id in {None, alert["camera_id"]}
            and (scope.cameras is None or alert["camera_id"] in scope.cameras)
            and (scope.since or 0) <= parse_rfc3339(alert["raised_at"])
            and (scope.until is None or parse_rfc3339(alert["raised_at"]) < scope.until)
            and label in {None, alert["label"]}
            and not (only_open and alert["state"] == "cleared")
        ]
        found.sort(key=lambda alert: (-parse_rfc3339(alert["raised_at"]), alert["id"]))
        return found[:limit]

    def alert(self, alert_id):
        for alert in self._of(ALERTS):
            if (alert["id"], alert["run"]) == (alert_id, LIVE):
                return alert_with_commands(alert, self.commands())
        return None

    def rules(self):
        return {
            camera.camera_id: tuple(rule.name for rule in camera.rules)
            for camera in self._of(CAMERAS)
        }

    def commands(self):
        return AlertCommands(dict(self.said))

    def say(self, command):
        self.said[command.key] = command

    def take_back(self, keys):
        for key in keys:
            self.said.pop(key, None)

    def false_alarms(self, scope):
        frames = {record["frame_id"]: record for record in self._of(DETECTIONS)}
        cameras = {said.camera_id for said in self.commands().all_of("wrong")}
        wrong, right = [], []
        for alert in self.alerts(scope, 1_000):
            about = evidence(alert, frames.get(alert["frame_id"]))
            said = self.commands().wrong(alert["id"])
            if said:
                wrong.append(FalseAlarm(about, said))
            elif alert["camera_id"] in cameras:
                right.append(about)
        return wrong, suggestions([one.evidence for one in wrong], right)

    def rates(self, since, until):
        def by_day(times):
            return Counter(
                (camera_id, at - (at - since) % DAY_MS)
                for camera_id, at in times
                if since - PAST_DAYS * DAY_MS <= at < until
            )

        alerts = by_day(
            (alert["camera_id"], parse_rfc3339(alert["raised_at"]))
            for alert in self._of(ALERTS)
            if alert["run"] == LIVE
        )
        minutes = by_day(
            (event["camera_id"], parse_rfc3339(event["at"]))
            for event in self._of(CAMERA_EVENTS)
            if event["event"] == "frames" and event["frames"]["processed"]
        )
        keys = alerts.keys() | minutes.keys()
        return alert_rates((CameraDay(*key, alerts[key], minutes[key] / 60) for key in keys), since)

    def _of(self, topic):
        return [record for name, record in self.records if name == topic]
