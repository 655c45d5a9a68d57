"""What the gateway of the seeing aid needs of Kafka and Redis, in memory."""

import threading
from dataclasses import dataclass, field

import msgspec

from pycturestream.contracts import topics
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import rfc3339
from pycturestream.log.cameras import SettingsPublishError
from tests.builders import detection_record


@dataclass
class FakePictures:
    """Takes frames as Kafka does; a broker that is away refuses them later."""

    is_away: bool = False
    frames: list = field(default_factory=list)
    has_frame: threading.Condition = field(default_factory=threading.Condition)

    def publish(self, frame, failed):
        if self.is_away:
            threading.Thread(target=failed).start()
            return
        with self.has_frame:
            self.frames.append(frame)
            self.has_frame.notify_all()

    def wait_for(self, number=1):
        """Return the frames when so many have come."""
        with self.has_frame:
            assert self.has_frame.wait_for(lambda: len(self.frames) >= number, 20)
            return list(self.frames)


@dataclass
class FakePushes:
    """Pushes what a test tells it to."""

    is_connected: bool = True
    _push: object = None
    _wanted: object = None

    def start(self, wanted, push):
        self._wanted, self._push = wanted, push

    def push(self, channel, camera_id, data):
        if self._wanted and self._wanted(camera_id):
            self._push(channel, camera_id, data)

    def see(self, frame, *labels, **changes):
        """Push the result of a frame, with an object of each label."""
        record = detection_record(
            camera_id=frame.camera_id, captured_at=frame.captured_at, labels=labels
        )
        self.push(topics.DETECTIONS, frame.camera_id, msgspec.json.encode(record | changes))

    def narrate(self, frame, *groups, kind="groups", **changes):
        """Push a sentence about a frame."""
        name = frame_id(frame.camera_id, frame.captured_at)
        record = {
            "id": f"{name}:en",
            "run": "live",
            "camera_id": frame.camera_id,
            "frame_id": name,
            "captured_at": rfc3339(frame.captured_at),
            "language": "en",
            "text": "as the camera has it",
            "priority": max((group.danger for group in groups), default=0),
            "kind": kind,
            "groups": groups,
        }
        self.push(topics.NARRATIONS, frame.camera_id, msgspec.json.encode(record | changes))


@dataclass
class FakeCameraTopic:
    """The topic `cameras`."""

    is_complete: bool = True
    is_away: bool = False
    cameras: dict = field(default_factory=dict)
    writes: int = 0

    def publish(self, cameras, forget):
        if self.is_away:
            raise SettingsPublishError("camera settings not taken")
        self.writes += 1
        # The values of a record are taken as they are read back: with a revision.
        changed = {
            camera.camera_id: msgspec.structs.replace(camera, revision=self.writes)
            for camera in cameras
        }
        kept = {name: camera for name, camera in self.cameras.items() if name not in forget}
        self.cameras = kept | changed
