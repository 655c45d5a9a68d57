"""Keeps the cameras of the seeing aid in step with its tokens.

A token makes its camera known: its settings are published when the token appears, and removed when
it is revoked or has expired. So phones pass where unknown cameras are refused.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from pycturestream.application.eye_ports import CameraTopic
from pycturestream.domain.cameras.camera import Camera, Verbosity
from pycturestream.domain.cameras.eye import eye_camera, is_eye_camera
from pycturestream.log.cameras import SettingsPublishError
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)
_END_S = 0.5
"""How long `close` waits for the thread: one that waits for a broker notices much later."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The cameras of all valid tokens, and what their listeners have chosen."""

    camera_ids: frozenset[str]
    verbosities: Mapping[str, Verbosity]


class EyeCameras:
    """Publishes what differs, in a thread that waits for the broker.

    A camera whose settings have another `sender_key` belongs to another gateway, which has tokens
    of its own: it stays.
    """

    def __init__(self, topic: CameraTopic, sender_key: str) -> None:
        self._topic = topic
        self._sender_key = sender_key
        self._wanted: _Wanted | None = None
        self._done: tuple[object, object] | None = None
        """What was in step the last time; nothing is compared while it has not changed."""
        self._is_due = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="eye cameras", daemon=True)
        self._thread.start()

    def is_known(self, camera_id: str) -> bool:
        """Whether a camera's settings are in the topic, where the job reads them."""
        camera = self._topic.cameras.get(camera_id)
        return camera is not None and camera.sender_key == self._sender_key

    def want(self, camera_ids: frozenset[str], verbosities: Mapping[str, Verbosity]) -> None:
        """Bring the topic in step with these cameras soon.

        How much a camera's sentences say is part of its settings. Without a choice it stays as it
        is.
        """
        self._wanted = _Wanted(camera_ids, dict(verbosities))
        self._is_due.set()

    def close(self) -> None:
        self._stop.set()
        self._is_due.set()
        self._thread.join(_END_S)

    def update(self) -> None:
        """Publish what differs from what is wanted; wait for the broker.

        Raises SettingsPublishError.
        """
        wanted, cameras = self._wanted, self._topic.cameras
        if wanted is None or not self._topic.is_complete or (wanted, cameras) == self._done:
            return
        eyes = {name: camera for name, camera in cameras.items() if is_eye_camera(name)}
        settings = [
            self._settings(name, eyes.get(name), wanted.verbosities)
            for name in sorted(wanted.camera_ids)
        ]
        changed = [
            camera for camera in settings if not _is_same(eyes.get(camera.camera_id), camera)
        ]
        forgotten = [
            name
            for name, camera in eyes.items()
            if name not in wanted.camera_ids and camera.sender_key == self._sender_key
        ]
        if changed or forgotten:
            self._topic.publish(changed, forgotten)
        self._done = wanted, cameras

    def _follow(self) -> None:
        failure = ""
        while True:
            self._is_due.wait()
            self._is_due.clear()
            if self._stop.is_set():
                return
            try:
                self.update()
                failure = ""
            except SettingsPublishError as error:
                if str(error) != failure:
                    _log.warning(f"{error}; trying again")
                failure = str(error)
            except Exception:  # noqa: BLE001 - new tokens would be of no use until the next start
                _log.exception("the cameras of the seeing aid were not published; trying again")

    def _settings(
        self, camera_id: str, before: Camera | None, verbosities: Mapping[str, Verbosity]
    ) -> Camera:
        verbosity = verbosities.get(camera_id) or (before.verbosity if before else "normal")
        return eye_camera(camera_id, self._sender_key, verbosity)


def _is_same(before: Camera | None, camera: Camera) -> bool:
    return before is not None and replace(before, revision=camera.revision) == camera
