"""At what rate a camera is filmed, by what the job last said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from pycturestream.contracts.attention import decode_rate_request
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.attention import WANTED_FOR_MS, AttentionLevel, RateRequest, rate
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis

_LEVELS: tuple[AttentionLevel, ...] = get_args(AttentionLevel)
"""From the least attention to the most."""


@dataclass(frozen=True, slots=True)
class ActiveRequest:
    """A wish of the job, and how long it holds."""

    request: RateRequest
    until: float
    """By the clock that never jumps."""


class RateControl:
    """What the topic `attention` says, one wish for each camera and cause.

    A wish holds as long after it was heard as it was to hold after it was written, so that
    nothing hangs on this computer's clock; and no longer than the job ever asks for, since
    anybody may have written it.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._heard: Mapping[str, ActiveRequest] = {}

    def enter(
        self,
        heard: dict[str, ActiveRequest],
        camera_id: str,
        value: bytes | None,
        written_at: Millis,
    ) -> None:
        """Enter one record of the topic; what is none says nothing."""
        try:
            request = decode_rate_request(value or b"")
        except CodecError:
            return
        until = self._seconds() + min(request.until - written_at, WANTED_FOR_MS) / 1000
        heard[f"{camera_id} {request.because_of}"] = ActiveRequest(request, until)

    def show(self, heard: Mapping[str, ActiveRequest]) -> None:
        self._heard = heard

    def fps(self, camera: Camera) -> float | None:
        """Return the pictures a second that are wanted now; None: as is usual for its source.

        Of several causes the one that needs the most attention counts. A camera that does not
        ask for attention has its own rate, and so has one of which the job says nothing. A wish
        never leads out of the bounds that the camera's settings give.
        """
        if camera.attention is None:
            return camera.fps
        now = self._seconds()
        requests = [
            heard.request
            for heard in self._heard.values()
            if heard.request.camera_id == camera.camera_id and heard.until > now
        ]
        if not requests:
            return camera.fps
        most = max(requests, key=lambda request: _LEVELS.index(request.level))
        bounds = camera.attention
        if most.fps is not None and bounds.idle_fps <= most.fps <= bounds.alert_fps:
            return most.fps
        return rate(camera, most.level)
