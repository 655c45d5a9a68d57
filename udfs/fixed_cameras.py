"""Camera settings that stay as they are, for a job that judges the past by a file."""

from collections.abc import Mapping

from pycturestream.domain.cameras.camera import Camera


class FixedCameras:
    """The settings of a file's cameras; a job with them leaves out all other cameras."""

    def __init__(self, cameras: Mapping[str, Camera], _user: object) -> None:
        self._cameras = cameras

    def of(self, camera_id: str) -> Camera:
        """Return a camera's settings. Raises KeyError for one that the file does not have."""
        return self._cameras[camera_id]

    def wait(self, _timeout_s: float) -> bool:
        """Return True: they are there."""
        return True
