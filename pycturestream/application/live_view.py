"""What is known of all cameras at this moment, for the live pages, in memory.

It takes what Redis holds and pushes, camera events, settings and commands about alerts, and says
which cameras look different since the last time. One thread uses it.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from pycturestream.annotation.colours import of_label
from pycturestream.application.live_ports import Snapshot
from pycturestream.contracts import topics
from pycturestream.contracts.alert_commands import alert_with_commands
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detection_words import counted_labels
from pycturestream.contracts.detections import (
    DetectionsRecord,
    decode_detections_record,
    fault_in_view,
    read_detections_record,
)
from pycturestream.contracts.live_messages import (
    LiveAlert,
    LiveCamera,
    LiveFrame,
    LiveHealth,
    LiveObject,
    LiveSentence,
)
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import decode_result
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.cameras.health import Health, Signs, health_of, hear, see
from pycturestream.domain.times import DAY_MS, Millis, parse_rfc3339, rfc3339
from pycturestream.stores.redis_view import CameraView, PushedBytes
from pycturestream.stores.view_keys import CLEARED

Json = dict[str, Any]

FRAMES_KEPT: Final = 40
"""Of each camera: a picture comes after its detections, by a second at most, and few cameras send
more than 20 a second."""
KEPT_MS: Final = DAY_MS
"""How long a camera without settings is shown that is not seen any more."""
SENTENCE_MS: Final = 60_000
"""How long a sentence is shown: it describes a moment."""
LANGUAGE: Final = "en"
"""Of the pages."""


@dataclass(slots=True)
class _Known:
    """What is known of one camera."""

    site: str = ""
    signs: Signs = field(default_factory=Signs)
    health: Health = field(default_factory=lambda: Health("waiting"))
    frames: OrderedDict[str, DetectionsRecord] = field(default_factory=OrderedDict)
    """By frame id, the newest last."""
    alerts: dict[str, Json] = field(default_factory=dict)
    sentence: Json | None = None
    encoded_camera: bytes | None = None
    encoded_frame: bytes | None = None
    """Of the newest frame; both are made when a page needs them, once for all pages."""


class LiveView:
    """All cameras, by camera id."""

    def __init__(
        self,
        settings: Callable[[], Mapping[str, Camera]],
        commands: Callable[[], AlertCommands],
        offline_after_ms: int,
    ) -> None:
        """Begin with nothing. `settings` and `commands` return at once what is known of them."""
        self._settings, self._commands = settings, commands
        self._offline_after_ms = offline_after_ms
        self._known: dict[str, _Known] = {}
        self._seen_settings: Mapping[str, Camera] = {}
        self._seen_commands = AlertCommands()
        self._changed_cameras: set[str] = set()
        self._changed_frames: set[str] = set()
        self._rejected = RejectedRecords("the live pages")
        self.is_complete = False
        """Whether there was a snapshot."""

    @property
    def camera_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self._known))

    def knows(self, camera_id: str) -> bool:
        return camera_id in self._known

    def take_changes(self) -> tuple[set[str], set[str]]:
        """Return the cameras that changed, and those with a newer frame, since the last time."""
        changes = self._changed_cameras, self._changed_frames
        self._changed_cameras, self._changed_frames = set(), set()
        return changes

    def take(self, came: Iterable[Snapshot | PushedBytes]) -> None:
        """Take what Redis holds and pushes, in order."""
        for each in came:
            if isinstance(each, Snapshot):
                self._take_snapshot(each)
                continue
            try:
                self._take_push(each)
            except CodecError as error:
                self._rejected.report(f"{each.channel}:{each.camera_id}", error)

    def hear(self, event: Json) -> None:
        """Take a record of `camera-events`."""
        camera_id, at = event["camera_id"], parse_rfc3339(event["at"])
        known = self._of(camera_id)
        known.signs = hear(known.signs, event["event"], at, event["detail"])

    def pass_time(self, now: Millis, *, is_connected: bool = True) -> None:
        """Look who is offline, which sentence is old, and whether settings or commands changed.

        Nothing is said of the health of cameras while no results can come.
        """
        self._follow_settings(now)
        commands = self._commands()
        has_commands = commands.by_key != self._seen_commands.by_key
        self._seen_commands = commands
        for camera_id, known in self._known.items():
            health = known.health
            if is_connected:
                health = health_of(known.signs, now, self._offline_after_ms)
            is_old = known.sentence is not None and (
                now - parse_rfc3339(known.sentence["captured_at"]) > SENTENCE_MS
            )
            if is_old:
                known.sentence = None
            if health != known.health or is_old or (has_commands and known.alerts):
                known.health = health
                self._has_changed(camera_id)

    def camera(self, camera_id: str) -> bytes | None:
        """Return LiveCamera as JSON; None for a camera that is not known any more."""
        known = self._known.get(camera_id)
        if known is None:
            return None
        if known.encoded_camera is None:
            known.encoded_camera = msgspec.json.encode(self._camera(camera_id, known))
        return known.encoded_camera

    def newest_frame(self, camera_id: str) -> bytes | None:
        """Return LiveFrame as JSON; None where there is none."""
        known = self._known.get(camera_id)
        if known is None or not known.frames:
            return None
        if known.encoded_frame is None:
            newest = known.frames[next(reversed(known.frames))]
            known.encoded_frame = msgspec.json.encode(_frame(newest))
        return known.encoded_frame

    def frame(self, camera_id: str, frame_id: str) -> bytes | None:
        """Return what was detected in one frame, if that is still known."""
        known = self._known.get(camera_id)
        record = known and known.frames.get(frame_id)
        return msgspec.json.encode(_frame(record)) if record else None

    def forget_results(self) -> None:
        """Forget what Redis said: nobody follows it any more."""
        self._take_snapshot(Snapshot(()))
        self.is_complete = False

    def _of(self, camera_id: str) -> _Known:
        known = self._known.get(camera_id)
        if known is None:
            known = self._known[camera_id] = _Known()
            self._has_changed(camera_id)
        return known

    def _has_changed(self, camera_id: str) -> None:
        self._known[camera_id].encoded_camera = None
        self._changed_cameras.add(camera_id)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        views = {view.camera_id: view for view in snapshot.views}
        for camera_id in list(self._known):
            if camera_id not in views:
                self._take_view(CameraView(camera_id, None, None, (), None))
        for view in snapshot.views:
            self._take_view(view)
        self.is_complete = True

    def _take_view(self, view: CameraView) -> None:
        known = self._of(view.camera_id)
        if view.latest is None:
            known.frames.clear()
            known.encoded_frame = None
            known.signs = msgspec.structs.replace(
                known.signs, seen_at=view.seen_at, fault=None, fault_since=None
            )
            self._changed_frames.add(view.camera_id)
        else:
            try:
                self._take_record(view.camera_id, known, read_detections_record(view.latest))
            except CodecError as error:
                self._rejected.report(f"{topics.DETECTIONS}:{view.camera_id}", error)
        alerts = {alert["id"]: alert for alert in view.alerts}
        if (alerts, view.narration) != (known.alerts, known.sentence):
            known.alerts, known.sentence = alerts, view.narration
            self._has_changed(view.camera_id)

    def _take_push(self, pushed: PushedBytes) -> None:
        known = self._of(pushed.camera_id)
        if pushed.channel == topics.DETECTIONS:
            record = decode_detections_record(pushed.data)
            self._take_record(pushed.camera_id, known, record)
        elif pushed.channel == topics.ALERTS:
            self._take_alert(pushed.camera_id, known, decode_result(topics.ALERTS, pushed.data))
        elif pushed.channel == topics.NARRATIONS:
            known.sentence = decode_result(topics.NARRATIONS, pushed.data)
            self._has_changed(pushed.camera_id)

    def _take_record(self, camera_id: str, known: _Known, record: DetectionsRecord) -> None:
        if record.frame_id in known.frames:
            return
        known.frames[record.frame_id] = record
        while len(known.frames) > FRAMES_KEPT:
            known.frames.popitem(last=False)
        known.encoded_frame = None
        self._changed_frames.add(camera_id)
        at = Millis(parse_rfc3339(record.captured_at))
        if fault := record.view_fault or None:
            known.signs = see(known.signs, at, fault.fault, Millis(parse_rfc3339(fault.since)))
        else:
            known.signs = see(known.signs, at, fault_in_view(record) or None)
        if known.site != record.site:
            known.site = record.site
            self._has_changed(camera_id)

    def _take_alert(self, camera_id: str, known: _Known, alert: Json) -> None:
        before = known.alerts.get(alert["id"])
        if before and before["revision"] > alert["revision"]:
            return
        if alert["state"] == CLEARED:
            known.alerts.pop(alert["id"], None)
        else:
            known.alerts[alert["id"]] = alert
        self._has_changed(camera_id)

    def _follow_settings(self, now: Millis) -> None:
        settings = self._settings()
        if settings is not self._seen_settings:
            before, self._seen_settings = self._seen_settings, settings
            for camera_id, camera in settings.items():
                # Tokens of the seeing aid have settings too, and most of them nobody to show to.
                if is_eye_camera(camera_id) and camera_id not in self._known:
                    continue
                self._of(camera_id)
                if before.get(camera_id) != camera:
                    self._has_changed(camera_id)
        for camera_id, known in list(self._known.items()):
            seen_at = max(known.signs.seen_at or 0, known.signs.rejected_at or 0)
            if camera_id not in settings and now - seen_at > KEPT_MS and not known.alerts:
                del self._known[camera_id]
                self._changed_cameras.add(camera_id)

    def _camera(self, camera_id: str, known: _Known) -> LiveCamera:
        settings = self._seen_settings.get(camera_id)
        health, said = known.health, known.sentence
        alerts = sorted(
            known.alerts.values(), key=lambda alert: (-alert["level"], alert["raised_at"])
        )
        return LiveCamera(
            camera_id=camera_id,
            site=settings.site if settings else known.site,
            timezone=settings.timezone if settings else "",
            revision=settings.revision if settings else 0,
            health=LiveHealth(
                health.state,
                None if health.since is None else rfc3339(health.since),
                health.detail,
            ),
            alerts=tuple(_alert(alert_with_commands(each, self._seen_commands)) for each in alerts),
            sentence=None
            if said is None
            else LiveSentence(said["text"], said["language"], said["captured_at"]),
            has_pictures=not is_eye_camera(camera_id),
        )


def _alert(alert: Json) -> LiveAlert:
    acknowledged = alert["acknowledged"]
    return LiveAlert(
        id=alert["id"],
        rule=alert["rule"],
        level=alert["level"],
        reason=alert["reason"],
        raised_at=alert["raised_at"],
        track_ids=tuple(alert["track_ids"]),
        acknowledged_by=acknowledged["by"] if acknowledged else "",
        is_false=alert["wrong"] is not None,
    )


def _frame(record: DetectionsRecord) -> LiveFrame:
    return LiveFrame(
        camera_id=record.camera_id,
        frame_id=record.frame_id,
        captured_at=record.captured_at,
        width=record.width,
        height=record.height,
        in_view=_in_view(record),
        objects=tuple(
            LiveObject(
                label=each.label,
                score=round(each.score, 2),
                box=_rounded(each.box),
                track_id=each.track_id or "",
                zones=each.zones,
                colour=of_label(each.label).hexadecimal,
            )
            for each in record.objects
        ),
    )


def _in_view(record: DetectionsRecord) -> str:
    """Return what is in view, what there is most of first; what is hidden is in view as well."""
    counts = Counter({each.label: each.count for each in record.label_counts})
    counts.update(each.label for each in record.hidden or ())
    return counted_labels(counts, LANGUAGE)


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x_min, y_min, x_max, y_max = box
    return round(x_min, 4), round(y_min, 4), round(x_max, 4), round(y_max, 4)
