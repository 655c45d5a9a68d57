"""What a process makes of settings that change while it films."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec.structs import replace

from producers.camera_publisher import Warn
from pycturestream.config.source_address import is_address, without_secrets
from pycturestream.domain.cameras.camera import Camera


class Filmed(Protocol):
    """A camera that this process films."""

    camera: Camera

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def follow(self, camera: Camera) -> None: ...


class Following:
    """Keeps the cameras of a process to the settings that the topic `cameras` holds.

    What is not to be published, because its settings are gone or can't be read, is stopped.
    """

    def __init__(
        self, filmed: Sequence[Filmed], own_sources: Callable[[], Mapping[str, str]], warn: Warn
    ) -> None:
        """Take secrets and files of this machine from `own_sources`, of the process' own file.

        The topic holds none, and nobody who can write to it may have them sent elsewhere.
        """
        self._filmed = {one.camera.camera_id: one for one in filmed}
        self._own_sources = own_sources
        self._warn = warn
        self._stopped: dict[str, str] = {}
        self._before: Mapping[str, Camera] = {}

    @property
    def has_stopped(self) -> bool:
        """Whether a camera waits for settings by which it may go on."""
        return bool(self._stopped)

    def take_over(self, cameras: Mapping[str, Camera], unreadable: Mapping[str, str]) -> None:
        """Follow what the topic says now."""
        for camera_id, filmed in self._filmed.items():
            if camera := cameras.get(camera_id):
                self._follow(filmed, camera)
            elif why := unreadable.get(camera_id):
                self._stop(filmed, f"settings that can't be read ({why})")
            elif camera_id in self._before or camera_id in self._stopped:
                self._stop(filmed, "forgotten by `pycturestream cameras apply --prune`")
        if self._before:
            for camera_id in cameras.keys() - self._before.keys() - self._filmed.keys():
                self._warn(f"{camera_id}: new, and not filmed by this process: not in its file")
        self._before = cameras

    def _follow(self, filmed: Filmed, camera: Camera) -> None:
        if camera is self._before.get(camera.camera_id):
            return
        camera = self._with_source(camera, filmed.camera)
        if camera != filmed.camera:
            filmed.follow(camera)
        if camera.camera_id in self._stopped:
            filmed.start()  # first, or nothing would seem to go on any more
            del self._stopped[camera.camera_id]
            self._warn(f"{camera.camera_id}: filmed again")

    def _stop(self, filmed: Filmed, why: str) -> None:
        camera_id = filmed.camera.camera_id
        if self._stopped.get(camera_id) != why:
            self._stopped[camera_id] = why  # first: it is not the end
            filmed.stop()
            self._warn(f"{camera_id}: {why}; not published until that is mended")

    def _with_source(self, camera: Camera, before: Camera) -> Camera:
        """Return the settings with what this process knows of the source."""
        if camera.source == without_secrets(before.source):
            return replace(camera, source=before.source)
        own = self._own_sources().get(camera.camera_id)
        if own is not None and camera.source == without_secrets(own):
            return replace(camera, source=own)
        if is_address(camera.source) and "${" not in camera.source:
            return camera
        self._warn(
            f"{camera.camera_id}: {camera.source} is not the source in this process' own file, "
            "and no plain address; the source stays"
        )
        return replace(camera, source=before.source)
