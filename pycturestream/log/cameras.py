"""The topic `cameras`: the settings of each camera, written, read once, and followed.

The topic is compacted: the newest value of a camera's id is what holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kafka.errors import KafkaError
from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import decode_camera, encode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.topics import CAMERAS
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError
from pycturestream.log.compacted_topic import write_values
from pycturestream.log.followed_topic import FollowedTopic
from pycturestream.log.reader import read_to_end
from pycturestream.public_address import without_secrets

_Known = Camera | str
"""A camera's settings, or why they can't be read."""


class SettingsPublishError(ServiceError):
    """The broker did not take the settings; the message is one line."""


def publish_cameras(
    cameras: Iterable[Camera],
    settings: Settings,
    clock: Clock,
    *,
    forget: Iterable[str] = (),
    newest: int = 0,
) -> int:
    """Write each camera's settings; return their revision when the broker has them all.

    It is the time, so that what was published last is the newest, but above `newest`, the newest
    revision that is known: another computer's clock may be ahead. Cameras to `forget` get a
    tombstone. Raises SettingsPublishError.
    """
    revision = max(clock.now(), newest + 1)
    values: dict[str, bytes | None] = {
        camera.camera_id: encode_camera(replace(public(camera), revision=revision))
        for camera in cameras
    }
    values |= dict.fromkeys(forget)
    try:
        write_values(settings, CAMERAS, values)
    except KafkaError as error:
        raise SettingsPublishError(
            f"{settings.kafka}: camera settings not taken: {error or type(error).__name__}"
        ) from error
    return revision


def public(camera: Camera) -> Camera:
    """Return the settings as others may read them: of an address only scheme, host and port."""
    return replace(camera, source=without_secrets(camera.source))


def known_cameras(settings: Settings) -> dict[str, bytes]:
    """Return the current settings of each camera by its id, as bytes of the topic.

    Lets kafka.errors.KafkaError through.
    """
    cameras: dict[str, bytes] = {}
    for message in read_to_end(settings, CAMERAS):
        camera_id = (message.key or b"").decode("utf-8", "replace")
        if message.value is None:
            cameras.pop(camera_id, None)
        else:
            cameras[camera_id] = message.value
    return cameras


@dataclass(frozen=True, slots=True)
class KnownCameras:
    """The settings in the topic at one moment, by camera id."""

    cameras: Mapping[str, Camera] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Why the settings of a camera can't be read, for those that can't."""


class FollowedCameras(FollowedTopic[_Known]):
    """The current settings of all cameras, kept up to date in a thread."""

    def __init__(self, settings: Settings) -> None:
        self.known = KnownCameras()
        """Another value after each change."""
        super().__init__(settings, CAMERAS, _apply, self._replace)

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """The settings of each camera by its id; another mapping after each change."""
        return self.known.cameras

    def _replace(self, known: Mapping[str, _Known]) -> None:
        self.known = KnownCameras(
            {name: camera for name, camera in known.items() if isinstance(camera, Camera)},
            {name: why for name, why in known.items() if isinstance(why, str)},
        )


def _apply(known: dict[str, _Known], camera_id: str, value: bytes | None, _at: Millis) -> None:
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
