"""The settings of all cameras as the topic `cameras` has them, kept up to date."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.topics import CAMERAS
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.log.followed_topic import FollowedTopic

_Known = Camera | str
"""A camera's settings, or why they can't be read."""


@dataclass(frozen=True, slots=True)
class KnownCameras:
    """What the topic says at one moment, by camera id."""

    cameras: Mapping[str, Camera] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Why the settings of a camera can't be read, for those that can't."""


class FollowedCameras(FollowedTopic[_Known]):
    """What the topic says now."""

    def __init__(self, settings: Settings) -> None:
        self.known = KnownCameras()
        """Another value after each change."""
        super().__init__(settings, CAMERAS, _enter, self._take_over)

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """The settings of each camera by its id; another mapping after each change."""
        return self.known.cameras

    def _take_over(self, known: Mapping[str, _Known]) -> None:
        self.known = KnownCameras(
            {name: camera for name, camera in known.items() if isinstance(camera, Camera)},
            {name: why for name, why in known.items() if isinstance(why, str)},
        )


def _enter(known: dict[str, _Known], camera_id: str, value: bytes | None, _at: Millis) -> None:
    if value is None:
        known.pop(camera_id, None)
        return
    camera, before = _read(camera_id, value), known.get(camera_id)
    older = (
        isinstance(camera, Camera)
        and isinstance(before, Camera)
        and camera.revision < before.revision
    )
    if not older:
        known[camera_id] = camera


def _read(camera_id: str, value: bytes) -> _Known:
    try:
        return decode_camera(value, camera_id)
    except CodecError as error:
        return str(error)
