"""The settings of cameras, as producers ask for them with each picture."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec.structs import replace

from pycturestream.config.settings import Settings
from pycturestream.config.source_address import is_address
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.masked_bytes import may_mask
from pycturestream.log.cameras import FollowedCameras
from pycturestream.logging_setup import get_logger
from pycturestream.public_address import without_secrets

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why nothing of a camera may be published now."""

    reason: Literal["no-broker", "unmaskable"]
    """What its pictures are dropped for."""
    why: str
    """One line for people; empty where another line says it already."""


NOT_READ_YET = Withheld("no-broker", "")
PRUNED = Withheld("unmaskable", "forgotten by `pycturestream cameras apply --prune`")


class SettingsLookup(Protocol):
    """Knows the settings of cameras."""

    def settings_of(self, camera_id: str) -> Camera | Withheld:
        """Return what holds for a camera's next picture; equal settings may be another object."""
        ...


class Known(Protocol):
    """What is known of cameras at one moment: their settings, or why those can't be read."""

    @property
    def cameras(self) -> Mapping[str, Camera]: ...
    @property
    def unreadable(self) -> Mapping[str, str]: ...


class Followed(Protocol):
    """The topic `cameras`, as it is followed by a thread."""

    @property
    def known(self) -> Known: ...
    @property
    def is_complete(self) -> bool: ...
    def wait(self, timeout_s: float) -> bool: ...
    def close(self) -> None: ...


class FollowedSettings:
    """The settings that the topic `cameras` holds, on top of those in the process' own file.

    A camera that the topic has never held has the settings of the file, or the defaults. Once the
    topic has held it, nothing is published without its settings: they may have masks. Any thread
    may ask, but no two threads at once for the same camera.
    """

    def __init__(
        self,
        followed: Followed | None = None,
        *,
        own: Iterable[Camera] = (),
        own_sources: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        """Start with the settings in the process' own file, which hold until the topic was read.

        `own_sources` reads the sources by camera id from that file as it is now. Secrets and
        files of this machine come from there alone: the topic holds none, and nobody who can
        write to it may have them sent elsewhere.
        """
        self._followed = followed
        self._current = {camera.camera_id: camera for camera in own}
        """The settings of the process' own cameras, with their sources."""
        self._own = frozenset(self._current)
        self._own_sources = own_sources
        self._topic: dict[str, Camera | None] = {}
        """What the topic held last of each camera that was asked for; None: unreadable settings."""
        self._origins: dict[str, tuple[str, str]] = {}
        """What it held last of the sources of the process' own cameras."""
        self._known: Known | None = None
        self._seen: set[str] = set()
        """Cameras that the topic has held; none before it was first asked."""
        self._reporting = threading.Lock()

    def follow_topic(self, settings: Settings) -> None:
        """Follow the topic `cameras` from now on, until `close`."""
        self._followed = FollowedCameras(settings)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the topic was read to its end; return whether it was."""
        return self._followed is not None and self._followed.wait(timeout_s)

    def close(self) -> None:
        if self._followed is not None:
            self._followed.close()

    @property
    def is_complete(self) -> bool:
        """Whether the topic was read to its end since the start."""
        return self._followed is not None and self._followed.is_complete

    def settings_of(self, camera_id: str) -> Camera | Withheld:
        followed = self._followed
        # In this order: what is known before all was read may lack a mask.
        if followed is None or not followed.is_complete:
            return self._current.get(camera_id, NOT_READ_YET)
        known = followed.known
        self._report_new(known)
        if why := known.unreadable.get(camera_id):
            self._topic[camera_id] = None
            return Withheld("unmaskable", f"unreadable settings: {why}")
        camera = known.cameras.get(camera_id)
        if camera is None:
            if camera_id in self._topic:
                return PRUNED
            return self._current.get(camera_id) or Camera(camera_id)
        if camera_id not in self._own:
            self._topic[camera_id] = camera
            return camera
        if camera is not self._topic.get(camera_id):
            self._current[camera_id] = self._with_source(camera, self._current[camera_id].source)
            self._origins[camera_id] = _origin(camera)
            self._topic[camera_id] = camera
        return self._current[camera_id]

    def may_mask(self, camera_id: str) -> bool:
        """Whether the bytes of a sender may show what a camera masks; see `masked_bytes`."""
        camera, followed = self.settings_of(camera_id), self._followed
        if isinstance(camera, Withheld) or camera.masks:
            return True
        return may_mask(camera_id, followed.known if followed and followed.is_complete else None)

    def _with_source(self, camera: Camera, current: str) -> Camera:
        """Return the settings with what this process knows of the source."""
        before = self._origins.get(camera.camera_id)
        is_here = without_secrets(camera.source) == without_secrets(current)
        if before == _origin(camera) or (before is None and is_here):
            return replace(camera, source=current)
        own = self._own_sources().get(camera.camera_id)
        if own is not None and without_secrets(camera.source) == without_secrets(own):
            return replace(camera, source=own)
        is_whole = is_address(camera.source) and not camera.source_digest
        if is_whole and "${" not in camera.source:
            return camera
        if not is_here:
            log.warning(
                f"{camera.camera_id}: {without_secrets(camera.source)} is not the source in this "
                "process' own file, and no complete address; the source stays",
                camera_id=camera.camera_id,
            )
        return replace(camera, source=current)

    def _report_new(self, known: Known) -> None:
        """Log each camera that appears in the topic and that the process' own file lacks."""
        if not self._own or known is self._known:
            return
        with self._reporting:
            self._known = known
            new = known.cameras.keys() - self._seen - self._own if self._seen else ()
            self._seen |= known.cameras.keys()
        for camera_id in sorted(new):
            log.warning(
                f"{camera_id}: new, and not published by this process: not in its file",
                camera_id=camera_id,
            )


def _origin(camera: Camera) -> tuple[str, str]:
    """Return what the topic tells of a camera's source."""
    return camera.source, camera.source_digest
