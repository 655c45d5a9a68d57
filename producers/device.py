"""A camera of this machine, by its number."""

from dataclasses import dataclass

from producers.capture_pool import CaptureRequest
from producers.capture_process import capturing
from producers.newest_picture import newest_pictures
from producers.pace import Rate
from producers.picture import Pictures
from pycturestream.clock import Clock
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT

_FORM = "v4l2"
"""Video4Linux: FFmpeg's name for the devices of Linux."""
_OPTIONS = {"video_size": "1280x720"}
"""Requested; a camera that can't gives the size it has."""


@dataclass(frozen=True, slots=True)
class Device:
    """A webcam or capture card. It ends only with SourceError, when it is unplugged."""

    number: int
    fps: Rate
    timeout_s: float
    """How many seconds it may give no picture before it counts as stalled."""
    pixel_limit: int = PICTURE_PIXEL_LIMIT
    """A source that declares larger pictures is not opened."""

    def pictures(self, clock: Clock) -> Pictures:
        address = f"/dev/video{self.number}"
        request = CaptureRequest(address, _OPTIONS, _FORM, pixel_limit=self.pixel_limit)
        with capturing(request, f"device {self.number}", self.timeout_s, clock) as camera:
            yield from newest_pictures(camera, self.fps, clock)
