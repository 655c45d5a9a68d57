"""What the editor of a camera needs: its settings in the topic `cameras`, and a snapshot."""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any, Protocol

from msgspec import Struct

from pycturestream.application.cameras import edit_camera
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.missing import Missing
from pycturestream.errors import ServiceError
from pycturestream.log.cameras import FollowedCameras
from pycturestream.pictures.frame_pictures import fetch_pictures
from pycturestream.stores.redis_view import RedisView

Json = dict[str, Any]


class UnreadableCameraError(ServiceError):
    """The settings of a camera are of another version; the message is one line."""


class Snapshot(Struct, frozen=True):
    """A blurred picture of a camera."""

    jpeg: bytes
    captured_at: str
    """RFC 3339."""


class CameraSettings(Protocol):
    """The settings of cameras in the log."""

    def camera(self, camera_id: str) -> Camera | None:
        """Return the settings in force; None where there are none.

        Raises UnreadableCameraError, and KafkaError while nothing has been read yet.
        """
        ...

    def edit(self, camera_id: str, revision: int, edit: Callable[[Camera], Camera]) -> Camera:
        """Publish settings as `pycturestream.application.cameras.edit_camera` does."""
        ...


class Snapshots(Protocol):
    """Where the newest pictures of cameras come from."""

    def record(self, camera_id: str) -> Json | None:
        """Return the newest detections record, None where nothing has been seen.

        Lets errors of Redis through.
        """
        ...

    def picture(self, record: Json) -> Snapshot | Missing:
        """Return the picture of such a record, or why it is missing.

        Lets errors of Kafka through.
        """
        ...


class KafkaCameraSettings:
    """The topic `cameras`: followed to read, and read to its end to write."""

    def __init__(self, followed: FollowedCameras, settings: Settings, clock: Clock) -> None:
        self._followed = followed
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        """One edit at a time, so that of two at once the second one notices the first."""
        self._published: dict[str, Camera] = {}
        """By camera: what was published here is known here at once, before it is read back."""

    def camera(self, camera_id: str) -> Camera | None:
        self._followed.require_since_start(self._settings.store_timeout_ms / 1000)
        known = self._followed.known
        if why := known.unreadable.get(camera_id):
            raise UnreadableCameraError(
                f"the settings of camera {camera_id} can't be read: {why}: apply its file again"
            )
        camera, published = known.cameras.get(camera_id), self._published.get(camera_id)
        is_ahead = camera and published and published.revision > camera.revision
        return published if is_ahead else camera

    def edit(self, camera_id: str, revision: int, edit: Callable[[Camera], Camera]) -> Camera:
        with self._lock:
            edited = edit_camera(camera_id, revision, edit, self._settings, self._clock)
            self._published[camera_id] = edited
            return edited


class RecordedSnapshots:
    """The picture of a camera's newest detections record."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def record(self, camera_id: str) -> Json | None:
        with closing(RedisView(self._settings)) as view:
            return view.latest(camera_id)

    def picture(self, record: Json) -> Snapshot | Missing:
        [(_, picture)] = fetch_pictures(self._settings, [record])
        if isinstance(picture, Missing):
            return picture
        return Snapshot(picture, record["captured_at"])
