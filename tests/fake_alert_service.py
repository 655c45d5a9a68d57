"""AlertService on ports in memory, held to the same contract as on real servers."""

from collections import Counter

from pycturestream.application.alerts import AlertService
from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, CAMERAS, DETECTIONS
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import DAY_MS, parse_rfc3339
from tests.builders import MINUTE


class FakeAlertSearch:
    """Searches records that a test put there: pairs of topic and record."""

    def __init__(self, records):
        self.records = list(records)

    def find(self, scope, limit, *, label=None, only_open=False):
        found = [
            alert
            for alert in self._in(ALERTS, scope, "raised_at")
            if label in {None, alert["label"]} and not (only_open and alert["state"] == "cleared")
        ]
        found.sort(key=lambda alert: (-parse_rfc3339(alert["raised_at"]), alert["id"]))
        return found[:limit]

    def get(self, alert_id):
        found = (alert for alert in self.of(ALERTS) if alert["run"] == LIVE)
        return next((alert for alert in found if alert["id"] == alert_id), None)

    def frames(self, frame_ids):
        return [record for record in self.of(DETECTIONS) if record["frame_id"] in frame_ids]

    def alerts_by_day(self, scope, offset_ms):
        return self._by_day(self._in(ALERTS, scope, "raised_at"), "raised_at", offset_ms)

    def seen_windows_by_day(self, scope, offset_ms):
        windows = [
            event
            for event in self._in(CAMERA_EVENTS, scope, "at")
            if event["event"] == "frames" and event["frames"]["processed"]
        ]
        return self._by_day(windows, "at", offset_ms)

    def of(self, topic):
        return [record for name, record in self.records if name == topic]

    def _in(self, topic, scope, time_field):
        return [
            record
            for record in self.of(topic)
            if record.get("run", LIVE) == scope.run
            and scope.camera_id in {None, record["camera_id"]}
            and (scope.cameras is None or record["camera_id"] in scope.cameras)
            and (scope.since or 0) <= parse_rfc3339(record[time_field])
            and (scope.until is None or parse_rfc3339(record[time_field]) < scope.until)
        ]

    @staticmethod
    def _by_day(records, time_field, offset_ms):
        times = [(record["camera_id"], parse_rfc3339(record[time_field])) for record in records]
        return Counter((camera_id, at - (at - offset_ms) % DAY_MS) for camera_id, at in times)


class FakeCommandLog:
    """Keeps commands by their keys."""

    def __init__(self):
        self.by_key = {}

    def current(self):
        return AlertCommands(dict(self.by_key))

    def publish(self, command):
        self.by_key[command.key] = command

    def take_back(self, keys):
        for key in keys:
            self.by_key.pop(key, None)


class FakeAlertService(AlertService):
    """The use cases themselves, on fake ports that a test can fill and read."""

    def __init__(self, *records):
        self.search, self.log = FakeAlertSearch(records), FakeCommandLog()
        super().__init__(self.search, self.log, self._known_cameras, MINUTE)

    def put(self, *records):
        self.search.records += records

    @property
    def published(self):
        """The commands that hold, by key."""
        return self.log.by_key

    def _known_cameras(self):
        return {camera.camera_id: camera for camera in self.search.of(CAMERAS)}
