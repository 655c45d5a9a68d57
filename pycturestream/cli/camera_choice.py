"""The cameras of a file, or the one that an option names."""

from collections.abc import Mapping
from pathlib import Path

from pycturestream.cli.errors import UsageError
from pycturestream.config.camera_file import read_camera_file
from pycturestream.domain.cameras.camera import Camera


def cameras_of(file: Path) -> dict[str, Camera]:
    """Return them by id, in the order of the file. Raises CameraFileError."""
    return {entry.camera.camera_id: entry.camera for entry in read_camera_file(file)}


def chosen(cameras: Mapping[str, Camera], camera_id: str, file: Path) -> Camera:
    """Return what `--camera` names. Raises UsageError where the file has no such camera."""
    if camera_id not in cameras:
        raise UsageError(f"--camera {camera_id}: {file} has no such camera")
    return cameras[camera_id]
