"""The cameras of the file that a command is called with."""

from collections.abc import Mapping
from pathlib import Path

from pycturestream.config.camera_file import read_camera_file
from pycturestream.domain.cameras.camera import Camera
from pycturestream.errors import UsageError


def cameras_of_file(file: Path) -> dict[str, Camera]:
    """Return a file's cameras by id, in their order there. Raises CameraFileError."""
    return {entry.camera.camera_id: entry.camera for entry in read_camera_file(file)}


def camera_of_file(cameras: Mapping[str, Camera], camera_id: str, file: Path) -> Camera:
    """Return the camera that `--camera` names. Raises UsageError if the file has no such camera."""
    if camera_id not in cameras:
        raise UsageError(f"--camera {camera_id}: {file} has no such camera")
    return cameras[camera_id]
