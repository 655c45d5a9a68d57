"""What the live pages need of Redis, Kafka and Elasticsearch, in memory."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec
from elasticsearch import ConnectionError as Away

from pycturestream.application.live_ports import Snapshot
from pycturestream.contracts import topics
from pycturestream.contracts.live_pictures import (
    LivePictureHeader,
    decode_live_picture,
    encode_live_picture,
)
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import rfc3339
from pycturestream.stores.redis_view import CameraView, PushedBytes
from tests.builders import NOON, detection_record

Json = dict[str, Any]


@dataclass
class FakeLiveResults:
    """What Redis holds, and what a test has it push."""

    is_connected: bool = True
    views: dict[str, CameraView] = field(default_factory=dict)
    is_started: bool = False
    _came: deque = field(default_factory=deque)
    _wanted: object = None

    def start(self, wanted):
        if not self.is_started:
            self.is_started, self._wanted = True, wanted
            self.read_again()

    def read_again(self):
        if self._wanted:
            views = tuple(view for name, view in self.views.items() if self._wanted(name))
            self._came.append(Snapshot(views))

    def stop(self):
        self.is_started = False

    def take(self):
        return [self._came.popleft() for _ in range(len(self._came))]

    def hold(self, camera_id, *, seen_at=NOON, latest=None, alerts=(), narration=None):
        """Hold this of a camera, as if it had been there before."""
        self.views[camera_id] = CameraView(camera_id, seen_at, latest, tuple(alerts), narration)

    def push(self, channel, record):
        """Push a record, if anybody listens."""
        camera_id = record["camera_id"]
        if self.is_started and self._wanted(camera_id):
            data = msgspec.json.encode(record)
            self._came.append(PushedBytes(channel, camera_id, data))

    def see(self, camera_id="gate", captured_at=NOON, labels=("person",), **changes):
        """Push what was detected in a frame; return its id."""
        record = detection_record(camera_id=camera_id, captured_at=captured_at, labels=labels)
        self.push(topics.DETECTIONS, record | changes)
        return record["frame_id"]


@dataclass
class FakeLivePictures:
    """Pictures that a test shows; it says which are asked for."""

    is_connected: bool = True
    _wanted: object = None
    _show: object = None

    def start(self, wanted, show):
        self._wanted, self._show = wanted, show

    @property
    def wanted(self):
        return dict(self._wanted()) if self._wanted else {}

    def show(self, jpeg, camera_id="gate", captured_at=NOON, size="small", width=480, height=270):
        """Show a picture, whether or not it is asked for."""
        header = LivePictureHeader(
            camera_id=camera_id,
            frame_id=frame_id(camera_id, captured_at),
            captured_at=rfc3339(captured_at),
            size=size,
            width=width,
            height=height,
        )
        self._show(decode_live_picture(encode_live_picture(header, jpeg)))


@dataclass
class FakeCameraEvents:
    """Events that a test has happen."""

    _handle: object = None

    def start(self, handle):
        self._handle = handle

    def happen(self, record):
        self._handle(record)


@dataclass
class FakeLiveHistory:
    """What a test says was the case; or Elasticsearch, while it is away."""

    is_away: bool = False
    windows: list = field(default_factory=list)
    narrations: list = field(default_factory=list)

    def counts(self, scope):
        self._answer()
        return [count for count in self.windows if count.camera_id == scope.camera_id]

    def sentences(self, scope, limit):
        self._answer()
        found = (each for each in self.narrations if each["camera_id"] == scope.camera_id)
        return list(found)[:limit]

    def _answer(self):
        if self.is_away:
            raise Away("away")
