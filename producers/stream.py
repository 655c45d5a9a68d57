"""A camera in the network: RTSP, or a video over HTTP."""

import os
from dataclasses import dataclass

import cv2

from producers.capture_pool import Request
from producers.capture_process import capturing
from producers.newest_picture import watch
from producers.pace import Rate
from producers.picture import Pictures, SourceError
from pycturestream.clock import Clock
from pycturestream.config.source_address import UnsetError, resolve, without_secrets

_ONE_THREAD = (cv2.CAP_PROP_N_THREADS, 1)
"""Each further one keeps a picture back, and needs memory of its own."""
_OPTIONS = {
    # Over UDP lost packets smear pictures; a camera that knows nothing else still gets it.
    "rtsp_flags": "prefer_tcp",
    # A camera's sound would be waited for, and is not listened to.
    "allowed_media_types": "video",
    # Pictures that are watched to learn the rate are old when they come: two seconds were seen.
    "fpsprobesize": "0",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """A network camera. It ends with SourceError only; whoever wants more opens it again."""

    url: str
    """May name variables of the environment: nobody but the camera hears their values."""
    fps: Rate
    patience_s: float
    """How long it may give no picture before it counts as stalled."""

    def pictures(self, clock: Clock) -> Pictures:
        name = without_secrets(self.url)
        try:
            address = resolve(self.url, os.environ)
        except UnsetError as error:
            raise SourceError(f"{name}: {error}") from error
        request = Request(
            address,
            cv2.CAP_FFMPEG,
            _ONE_THREAD,
            _OPTIONS,
            tells_time=address.lower().startswith("rtsp"),  # over HTTP FFmpeg makes them up
        )
        with capturing(request, name, self.patience_s, clock) as camera:
            yield from watch(camera, self.fps, clock)
