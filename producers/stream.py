"""A network camera: RTSP, or a video over HTTP."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from producers.capture_pool import CaptureRequest
from producers.capture_process import capturing
from producers.newest_picture import newest_pictures
from producers.pace import Rate
from producers.picture import Pictures, SourceError
from pycturestream.clock import Clock
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT
from pycturestream.config.source_address import UnsetError, resolve
from pycturestream.public_address import without_secrets

_OPTIONS = {
    # Over UDP lost packets smear pictures; a camera that has nothing else is still read by UDP.
    "rtsp_flags": "prefer_tcp",
    # A camera's sound would be waited for, and is not used.
    "allowed_media_types": "video",
    # Pictures buffered to learn the rate arrive old: by two seconds, as was measured.
    "fpsprobesize": "0",
}
_OPERATORS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
"""Options as `name;value|name;value`, in the variable that other programs read them from too."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A network camera. It ends only with SourceError; open it again for more pictures."""

    url: str
    """May name environment variables: only the camera receives their values."""
    fps: Rate
    timeout_s: float
    """How many seconds it may give no picture before it counts as stalled."""
    pixel_limit: int = PICTURE_PIXEL_LIMIT
    """A source that declares larger pictures is not opened."""

    def pictures(self, clock: Clock) -> Pictures:
        name = without_secrets(self.url)
        try:
            address = resolve(self.url, os.environ)
        except UnsetError as error:
            raise SourceError(f"{name}: {error}") from error
        request = CaptureRequest(
            address,
            _options(os.environ),
            has_timestamps=address.lower().startswith("rtsp"),  # over HTTP FFmpeg makes them up
            pixel_limit=self.pixel_limit,
        )
        with capturing(request, name, self.timeout_s, clock) as camera:
            yield from newest_pictures(camera, self.fps, clock)


def _options(environment: Mapping[str, str]) -> dict[str, str]:
    """Return FFmpeg's options: ours, or those that an operator has set instead."""
    set_by_operator = environment.get(_OPERATORS)
    if set_by_operator is None:
        return _OPTIONS
    pairs = (pair.partition(";") for pair in set_by_operator.split("|") if pair)
    return {name: value for name, _, value in pairs}
