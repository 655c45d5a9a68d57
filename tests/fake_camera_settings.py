"""What the editor of a camera needs, in memory."""

from dataclasses import dataclass, field

from kafka.errors import KafkaTimeoutError
from msgspec.structs import replace
from redis import RedisError

from pycturestream.application.camera_editing import Snapshot, UnreadableCameraError
from pycturestream.application.cameras import edited_camera
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log.cameras import SettingsPublishError
from tests.jpegs import encoded


@dataclass
class FakeCameraSettings:
    """The topic `cameras`."""

    cameras: dict = field(default_factory=dict)
    unreadable: dict = field(default_factory=dict)
    is_away: bool = False
    written: list = field(default_factory=list)

    def camera(self, camera_id):
        if self.is_away:
            raise KafkaTimeoutError("cameras has not been read yet")
        if camera_id in self.unreadable:
            raise UnreadableCameraError(f"the settings of camera {camera_id} can't be read")
        return self.cameras.get(camera_id)

    def edit(self, camera_id, revision, edit):
        if self.is_away:
            raise SettingsPublishError("kafka.internal:9092: camera settings not taken")
        before = self.cameras.get(camera_id, Camera(camera_id))
        edited = edited_camera(camera_id, before, revision, edit)
        if edited == before:
            return edited
        self.put(edited)
        self.written.append(self.cameras[camera_id])
        return self.cameras[camera_id]

    def put(self, camera):
        """Put settings in force, as somebody else's `cameras apply` does."""
        newest = max((each.revision for each in self.cameras.values()), default=0)
        self.cameras[camera.camera_id] = replace(camera, revision=newest + 1)


@dataclass
class FakeSnapshots:
    """The newest pictures."""

    pictures: dict = field(default_factory=dict)
    error: Exception | None = None

    def record(self, camera_id):
        if isinstance(self.error, RedisError):
            raise self.error
        return {"camera_id": camera_id} if self.error or camera_id in self.pictures else None

    def picture(self, record):
        if self.error:
            raise self.error
        return self.pictures[record["camera_id"]]

    def take(self, camera_id, captured_at, width=640, height=360):
        self.pictures[camera_id] = Snapshot(encoded(width, height), captured_at)
