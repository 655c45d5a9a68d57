"""A camera in the network: RTSP, or a video over HTTP."""

from dataclasses import dataclass

import cv2

from producers.clock import Clock
from producers.picture import Pictures, SourceError
from producers.video_capture import open_capture, watch

_PATIENCE_MS = 5_000
"""How long an address may keep silent before it counts as lost."""
_TIMEOUTS = (
    cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
    _PATIENCE_MS,
    cv2.CAP_PROP_READ_TIMEOUT_MSEC,
    _PATIENCE_MS,
)


@dataclass(frozen=True, slots=True)
class Stream:
    """A network camera. It ends with SourceError only; whoever wants more opens it again."""

    url: str
    fps: float

    def pictures(self, clock: Clock) -> Pictures:
        name = without_secrets(self.url)
        with open_capture(self.url, name, parameters=_TIMEOUTS, backend=cv2.CAP_FFMPEG) as capture:
            yield from watch(capture, self.fps, clock, name)
        if not clock.stopped:
            raise SourceError(f"{name}: broke off")


def without_secrets(url: str) -> str:
    """Return the address without user, password and query, where cameras take passwords too."""
    scheme, separator, rest = url.partition("://")
    # A password may hold any sign, so that all up to the last @ may be part of it.
    place = rest.rpartition("@")[2] if separator else url
    return f"{scheme}{separator}{place}".partition("?")[0]
