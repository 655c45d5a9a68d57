"""What a file changes of the settings that hold."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import fields

from pycturestream.domain.cameras.camera import Camera

Kind = Literal["added", "changed", "unchanged", "missing", "forgotten"]


class CameraChange(Struct, frozen=True):
    """What becomes of one camera."""

    camera_id: str
    kind: Kind
    """missing: the file does not name it, and it stays. forgotten: the same, and it goes."""
    keys: tuple[str, ...] = ()
    """What is different, of a camera that changed."""


def changes(
    known: Mapping[str, Camera | None], wanted: Iterable[Camera], *, prune: bool
) -> tuple[CameraChange, ...]:
    """Return what becomes of each camera, those of the file first.

    `known` holds what is known of each camera; None where it can't be read.
    """
    cameras = {camera.camera_id: camera for camera in wanted}
    others = sorted(known.keys() - cameras.keys())
    return (
        *(_change(camera, known) for camera in cameras.values()),
        *(CameraChange(other, "forgotten" if prune else "missing") for other in others),
    )


def _change(camera: Camera, known: Mapping[str, Camera | None]) -> CameraChange:
    if camera.camera_id not in known:
        return CameraChange(camera.camera_id, "added")
    before = known[camera.camera_id]
    names = [field.name for field in fields(Camera) if field.name != "revision"]
    keys = tuple(
        name for name in names if before is None or getattr(before, name) != getattr(camera, name)
    )
    return CameraChange(camera.camera_id, "changed" if keys else "unchanged", keys)
