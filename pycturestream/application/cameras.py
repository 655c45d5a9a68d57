"""Applies the settings of a camera file: publishes those that differ from the current ones."""

import secrets
from collections.abc import Sequence
from hashlib import blake2b

from kafka.errors import KafkaError
from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.config.private_files import private_folder, read_or_make
from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.camera_changes import CameraChange, changes
from pycturestream.log.cameras import SettingsPublishError, known_cameras, public, publish_cameras

DIGEST_BYTES = 16


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
    key = _source_key(settings)
    published = [_identified(camera, key) for camera in cameras]
    made = changes(known, published, prune=prune)
    fresh = {change.camera_id for change in made if change.kind in {"added", "changed"}}
    forgotten = [change.camera_id for change in made if change.kind == "forgotten"]
    if fresh or forgotten:
        publish_cameras(
            [camera for camera in published if camera.camera_id in fresh],
            settings,
            clock,
            forget=forgotten,
            newest=max((camera.revision for camera in known.values() if camera), default=0),
        )
    return made


def _identified(camera: Camera, key: bytes) -> Camera:
    """Return the settings as others may read them, with what tells the camera's sources apart.

    A digest without a key would tell a password to everybody who has the patience to guess.
    """
    shown = public(camera)
    if shown.source == camera.source:
        return shown
    digest = blake2b(
        f"{camera.camera_id} {camera.source}".encode(), key=key, digest_size=DIGEST_BYTES
    )
    return replace(shown, source_digest=digest.hexdigest())


def _source_key(settings: Settings) -> bytes:
    """Return the key of this computer's data folder, made once; for now, where none can be kept."""
    made = secrets.token_bytes(32)
    try:
        return read_or_make(private_folder(settings) / "source-key", made)
    except OSError:
        return made


def _read(camera_id: str, data: bytes) -> Camera | None:
    try:
        return decode_camera(data, camera_id)
    except CodecError:
        return None
