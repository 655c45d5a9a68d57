"""A camera at this machine, by its number."""

from dataclasses import dataclass

import cv2

from producers.clock import Clock
from producers.picture import Pictures, SourceError
from producers.video_capture import open_capture, watch

_SIZE = (cv2.CAP_PROP_FRAME_WIDTH, 1280, cv2.CAP_PROP_FRAME_HEIGHT, 720)
"""Asked for; a camera that can't gives what it has."""


@dataclass(frozen=True, slots=True)
class Device:
    """A webcam or capture card."""

    number: int
    fps: float

    def pictures(self, clock: Clock) -> Pictures:
        name = f"device {self.number}"
        with open_capture(self.number, name, parameters=_SIZE) as capture:
            yield from watch(capture, self.fps, clock, name)
        if not clock.stopped:
            raise SourceError(f"{name}: gives no more pictures")
