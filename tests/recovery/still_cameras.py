"""Live cameras with still scenes, so that every new track is a track that was lost."""

import threading
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from producers.pace import ticks
from producers.publisher import Publisher
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.frames.frame import Frame
from pycturestream.log.cameras import publish_cameras

FPS = 2.0
NOBODY_HERE = Rule("nobody-here", ("person",), frames=2, clear_after_ms=5_000)


def jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 85))[1].tobytes()


def _still(clip: str, number: int) -> np.ndarray:
    capture = cv2.VideoCapture(str(PROJECT_FOLDER / "samples" / clip))
    capture.set(cv2.CAP_PROP_POS_FRAMES, number)
    _, picture = capture.read()
    capture.release()
    return picture


PEOPLE = jpeg(_still("gate.mp4", 168))
"""Six people and two parked cars; nothing in it scores near its threshold."""
PERSON_COUNT, OBJECT_COUNT = 6, 8
EMPTY = jpeg(np.zeros((576, 768, 3), np.uint8))


class StillCameras:
    """Publishes the picture that each camera shows, again and again, until stopped."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = SystemClock()
        self._publisher = Publisher(settings, "live", self._clock)
        self._pictures = {}
        self._accounts = {}
        self._thread = threading.Thread(target=self._publish)

    def __enter__(self) -> Self:
        assert self._publisher.connect()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clock.stop.set()
        self._thread.join()
        self._publisher.close()

    def show(self, picture: bytes, *camera_ids: str) -> None:
        """Let these cameras show this picture from now on; their rule allows no people."""
        new = set(camera_ids) - self._accounts.keys()
        if new:
            cameras = [Camera(camera_id, rules=(NOBODY_HERE,), warm_up_ms=0) for camera_id in new]
            publish_cameras(cameras, self._settings, self._clock)
            self._accounts |= {camera_id: self._publisher.open_account() for camera_id in new}
        self._pictures = {**self._pictures, **dict.fromkeys(camera_ids, picture)}

    def acknowledged(self, camera_id: str) -> int:
        """Return how many frames of a camera the broker has taken; exact once stopped."""
        return self._accounts[camera_id].counts().published

    def _publish(self) -> None:
        for _ in ticks(FPS, self._clock):
            if self._clock.stopped:
                return
            for camera_id, picture in self._pictures.items():
                frame = Frame(camera_id, self._clock.now(), picture)
                self._publisher.publish(frame, self._accounts[camera_id])
