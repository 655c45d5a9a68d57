"""Applies the settings of cameras: publishes those that differ from the current ones.

They come from a camera file, or from an editor of one camera.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

from kafka.errors import KafkaError
from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.config.private_files import private_folder, read_or_make
from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import decode_camera, encode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.camera_changes import CameraChange, changes
from pycturestream.errors import ServiceError
from pycturestream.log.cameras import SettingsPublishError, known_cameras, public, publish_cameras

DIGEST_BYTES = 16


class CameraChangedError(ServiceError):
    """The settings in force are no longer those that were edited."""

    def __init__(self, camera_id: str) -> None:
        super().__init__(
            f"the settings of camera {camera_id} have changed since they were loaded: "
            "load them again"
        )


def apply_cameras(
    cameras: Sequence[Camera], settings: Settings, clock: Clock, *, prune: bool = False
) -> tuple[CameraChange, ...]:
    """Return what became of each camera; `prune` removes those that are not among `cameras`.

    Raises SettingsPublishError when Kafka does not answer.
    """
    known = _known(settings)
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
            newest=_newest_revision(known),
        )
    return made


def edit_camera(
    camera_id: str,
    revision: int,
    edit: Callable[[Camera], Camera],
    settings: Settings,
    clock: Clock,
) -> Camera:
    """Publish a camera as `edit` returns it; return it as it is published.

    `revision` is that of the settings that somebody looked at, 0 for a camera without any. Raises
    CameraChangedError if others are in force by now, SettingsPublishError when Kafka does not
    answer, CodecError for settings that no reader would accept, and what `edit` raises.
    """
    known = _known(settings)
    before = known.get(camera_id, Camera(camera_id))
    edited = edited_camera(camera_id, before, revision, edit)
    if edited == before:
        return edited
    newest = publish_cameras([edited], settings, clock, newest=_newest_revision(known))
    return replace(edited, revision=newest)


def edited_camera(
    camera_id: str, before: Camera | None, revision: int, edit: Callable[[Camera], Camera]
) -> Camera:
    """Return settings after an edit, as others may read them; `before`: those in force.

    Raises CameraChangedError, CodecError for settings that no reader would accept, and what `edit`
    raises.
    """
    if before is None or before.revision != revision:
        raise CameraChangedError(camera_id)
    edited = public(edit(before))
    decode_camera(encode_camera(edited), camera_id)
    return edited


def _known(settings: Settings) -> Mapping[str, Camera | None]:
    """Return the current settings of each camera; None where they can't be read."""
    try:
        return {name: _read(name, data) for name, data in known_cameras(settings).items()}
    except (KafkaError, TimeoutError) as error:
        raise SettingsPublishError(
            f"{settings.kafka}: camera settings can't be read: {error or type(error).__name__}"
        ) from error


def _newest_revision(known: Mapping[str, Camera | None]) -> int:
    return max((camera.revision for camera in known.values() if camera), default=0)


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
