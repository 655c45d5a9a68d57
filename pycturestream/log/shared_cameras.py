"""One follower of the topic `cameras` in a process, shared by all operators that run in it.

An operator that runs inside a task manager is not told when its job is cancelled or fails: Flink
only lets go of it. So a follower ends when the last object that it was made for is gone.
"""

import threading
import weakref
from collections.abc import Mapping

from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log.cameras import FollowedCameras

_REMEMBERED_DEFAULTS = 10_000
"""Cameras without settings whose defaults are kept: more than a job sees, and a few megabytes."""


class CameraSettings:
    """The settings of all cameras as the topic has them now; defaults for the others."""

    def __init__(self, followed: FollowedCameras) -> None:
        self._followed = followed
        self._defaults: dict[str, Camera] = {}

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """The settings of each camera by its id; another mapping after each change."""
        return self._followed.cameras

    def wait(self, timeout_s: float) -> bool:
        """Wait until the topic was read to its end; return whether it was."""
        return self._followed.wait(timeout_s)

    def of(self, camera_id: str) -> Camera:
        """Return a camera's settings; the defaults where there are none, or they can't be read.

        The same object until they change.
        """
        return self._followed.cameras.get(camera_id) or self._default(camera_id)

    def _default(self, camera_id: str) -> Camera:
        if (camera := self._defaults.get(camera_id)) is None:
            if len(self._defaults) >= _REMEMBERED_DEFAULTS:
                self._defaults.clear()
            camera = self._defaults[camera_id] = Camera(camera_id)
        return camera


class _Shared:
    """The follower for one value of settings, and who uses it."""

    def __init__(self) -> None:
        self.users: set[object] = set()
        self.followed: FollowedCameras | None = None


_shared: dict[Settings, _Shared] = {}
_lock = threading.RLock()
"""Reentrant: the garbage collector may find that a user is gone while this thread holds it."""


def shared_cameras(settings: Settings, user: object) -> CameraSettings:
    """Return the settings of all cameras, followed until `user` is gone; see `CameraSettings.wait`.

    All users of the process share one thread and one consumer. `user` must not be part of what
    lives on without it, such as a module or a thread.
    """
    key = object()
    with _lock:
        shared = _shared.setdefault(settings, _Shared())
        # First of all: from here on nobody else's end closes what this user gets.
        shared.users.add(key)
        weakref.finalize(user, _leave, shared, key).atexit = False
        if shared.followed is None:
            shared.followed = FollowedCameras(settings)
        return CameraSettings(shared.followed)


def _leave(shared: _Shared, key: object) -> None:
    with _lock:
        shared.users.discard(key)
        if not shared.users and shared.followed:
            shared.followed.close()
            shared.followed = None
