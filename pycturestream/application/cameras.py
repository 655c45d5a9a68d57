"""Applies the settings of a camera file: publishes those that differ from the current ones."""

from collections.abc import Sequence

from kafka.errors import KafkaError

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.camera_changes import CameraChange, changes
from pycturestream.log.cameras import SettingsPublishError, known_cameras, public, publish_cameras


def apply_cameras(
    cameras: Sequence[Camera], settings: Settings, clock: Clock, *, prune: bool = False
) -> tuple[CameraChange, ...]:
    """Return what became of each camera; `prune` removes those that are not among `cameras`.

    Raises SettingsPublishError when Kafka does not answer.
    """
    try:
        known = {name: _read(name, data) for name, data in known_cameras(settings).items()}
    except (KafkaError, TimeoutError) as error:
        raise SettingsPublishError(
            f"{settings.kafka}: camera settings can't be read: {error or type(error).__name__}"
        ) from error
    made = changes(known, map(public, cameras), prune=prune)
    fresh = {change.camera_id for change in made if change.kind in {"added", "changed"}}
    forgotten = [change.camera_id for change in made if change.kind == "forgotten"]
    if fresh or forgotten:
        publish_cameras(
            [camera for camera in cameras if camera.camera_id in fresh],
            settings,
            clock,
            forget=forgotten,
            newest=max((camera.revision for camera in known.values() if camera), default=0),
        )
    return made


def _read(camera_id: str, data: bytes) -> Camera | None:
    try:
        return decode_camera(data, camera_id)
    except CodecError:
        return None
