"""The rate at which cameras publish, as the job last requested it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from pycturestream.config.settings import Settings
from pycturestream.contracts.attention import decode_rate_request
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import ATTENTION
from pycturestream.domain.attention import WANTED_FOR_MS, AttentionLevel, RateRequest, rate
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.log.followed_topic import FollowedTopic

_LEVELS: tuple[AttentionLevel, ...] = get_args(AttentionLevel)
"""From the least attention to the most."""
REQUESTS_HELD = 10_000
"""More than all cameras and their neighbours have; anybody may write more of them."""


@dataclass(frozen=True, slots=True)
class ActiveRequest:
    """A request of the job, and until when it holds."""

    request: RateRequest
    until: float
    """In seconds of the clock that never jumps."""


class RateControl:
    """What the topic `attention` holds: one request for each camera and cause.

    A request holds as long after it was received as it was to hold after it was written, so that
    nothing depends on this computer's clock; and no longer than the job ever asks for, since
    anybody may have written it.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._requests: Mapping[str, ActiveRequest] = {}
        self._followed: FollowedTopic[ActiveRequest] | None = None
        self._rejected = RejectedRecords(ATTENTION)

    def follow_topic(self, settings: Settings) -> None:
        """Follow the topic `attention` from now on, until `close`."""
        self._followed = FollowedTopic(settings, ATTENTION, self.apply_request, self.show)

    def close(self) -> None:
        if self._followed is not None:
            self._followed.close()

    def apply_request(
        self,
        requests: dict[str, ActiveRequest],
        camera_id: str,
        value: bytes | None,
        written_at: Millis,
    ) -> None:
        """Apply one record of the topic; one that can't be decoded is left out."""
        try:
            request = decode_rate_request(value or b"", camera_id)
        except CodecError as error:
            if value is not None:
                self._rejected.report(f"{camera_id[:80]!a}", error)
            return
        now = self._seconds()
        until = now + min(request.until - written_at, WANTED_FOR_MS) / 1000
        cause = f"{camera_id} {request.because_of}"
        if cause not in requests and len(requests) >= REQUESTS_HELD:
            for expired in [each for each, held in requests.items() if held.until <= now]:
                del requests[expired]
            if len(requests) >= REQUESTS_HELD:
                return
        requests[cause] = ActiveRequest(request, until)

    def show(self, requests: Mapping[str, ActiveRequest]) -> None:
        """Take over the requests that the topic holds now."""
        self._requests = requests

    def fps(self, camera: Camera) -> float | None:
        """Return the pictures a second that are wanted now; None for the source's own rate.

        Of several causes, the one that needs the most attention counts. A camera whose settings
        ask for no attention keeps its own rate, and so does one without a request. No request
        exceeds the bounds in the camera's settings.
        """
        if camera.attention is None:
            return camera.fps
        now = self._seconds()
        requests = [
            active.request
            for active in self._requests.values()
            if active.request.camera_id == camera.camera_id and active.until > now
        ]
        if not requests:
            return camera.fps
        most = max(requests, key=lambda request: _LEVELS.index(request.level))
        bounds = camera.attention
        if most.fps is not None and bounds.idle_fps <= most.fps <= bounds.alert_fps:
            return most.fps
        return rate(camera, most.level)
