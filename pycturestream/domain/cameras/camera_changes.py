"""What a camera file changes in the current settings."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import fields

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import is_eye_camera

_SHOWN_AS = {"source_digest": "source"}
"""The key of the file for settings that it does not name."""
Kind = Literal["added", "changed", "unchanged", "missing", "forgotten"]


class CameraChange(Struct, frozen=True):
    """What happens to one camera."""

    camera_id: str
    kind: Kind
    """missing: the file does not name it, and it stays. forgotten: the same, and it is removed."""
    keys: tuple[str, ...] = ()
    """The settings that differ, for a camera that changed."""


def changes(
    current: Mapping[str, Camera | None], wanted: Iterable[Camera], *, prune: bool
) -> tuple[CameraChange, ...]:
    """Return what happens to each camera, those of the file first.

    `current` holds the settings of each camera; None where they can't be read. Cameras of the
    seeing aid are in no file: nothing happens to them.
    """
    cameras = {camera.camera_id: camera for camera in wanted}
    others = sorted(name for name in current.keys() - cameras.keys() if not is_eye_camera(name))
    return (
        *(_change(camera, current) for camera in cameras.values()),
        *(CameraChange(other, "forgotten" if prune else "missing") for other in others),
    )


def _change(camera: Camera, current: Mapping[str, Camera | None]) -> CameraChange:
    if camera.camera_id not in current:
        return CameraChange(camera.camera_id, "added")
    before = current[camera.camera_id]
    names = [field.name for field in fields(Camera) if field.name != "revision"]
    keys = dict.fromkeys(
        _SHOWN_AS.get(name, name)
        for name in names
        if before is None or getattr(before, name) != getattr(camera, name)
    )
    return CameraChange(camera.camera_id, "changed" if keys else "unchanged", tuple(keys))
