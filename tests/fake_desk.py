"""A desk in memory, held to the same contract as the real one (tests/desk_contract.py)."""

from pycturestream.alert_command import AlertCommand, AlertCommands
from pycturestream.alert_rates import CameraDay, alert_rates
from pycturestream.records import told_alert_record
from pycturestream.times import parse_rfc3339, rfc3339
from pycturestream.wrong_alert import WrongAlert, evidence, suggestions


class FakeDesk:
    """Alerts and detections that a test gave it, and what was said."""

    def __init__(self):
        self.records = []
        self.detections = {}
        self.days: list[CameraDay] = []
        self.said: dict[str, AlertCommand] = {}

    def alerts(self, scope, limit, *, label=None, only_open=False):
        found = [
            told_alert_record(alert, self.commands())
            for alert in self.records
            if scope.camera_id in {None, alert["camera_id"]}
            and (scope.cameras is None or alert["camera_id"] in scope.cameras)
            and (scope.since is None or alert["raised_at"] >= rfc3339(scope.since))
            and (scope.until is None or alert["raised_at"] < rfc3339(scope.until))
            and label in {None, alert["label"]}
            and not (only_open and alert["state"] == "cleared")
        ]
        return sorted(found, key=lambda alert: (-parse_rfc3339(alert["raised_at"]), alert["id"]))[
            :limit
        ]

    def alert(self, alert_id):
        for alert in self.records:
            if alert["id"] == alert_id:
                return told_alert_record(alert, self.commands())
        return None

    def commands(self):
        return AlertCommands(dict(self.said))

    def say(self, command):
        self.said[command.key] = command

    def take_back(self, keys):
        for key in keys:
            self.said.pop(key, None)

    def wrong_alerts(self, scope):
        wrong, right = [], []
        for alert in self.alerts(scope, 1_000):
            about = evidence(alert, self.detections.get(alert["frame_id"]))
            said = self.commands().wrong(alert["id"])
            if said:
                wrong.append(WrongAlert(about, said))
            else:
                right.append(about)
        return wrong, suggestions([one.evidence for one in wrong], right)

    def rates(self, since, until):
        return alert_rates([day for day in self.days if day.start < until], since)
