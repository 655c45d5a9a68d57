"""Which live picture comes next: of each camera only the newest, and cameras take turns."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pycturestream.domain.frames.live_picture import INTERVALS_MS, REMEMBERED_MS, LiveSize
from pycturestream.domain.recent import Recent
from pycturestream.domain.times import Millis

Item = TypeVar("Item")
Seconds = float
"""Of a clock that never jumps."""

DUE: Final = 0.9
"""Share of its interval after which a size is due again: a camera that sends once a second sends a
little earlier at times, and would else be shown every other second."""


@dataclass(frozen=True, slots=True)
class LiveFrame(Generic[Item]):
    """A frame that waits to be shown."""

    camera_id: str
    captured_at: Millis
    expires_at: Millis
    """When it is too old to be shown as live."""
    item: Item


@dataclass(slots=True)
class _Look:
    """Somebody's interest in one size of a camera."""

    requested_at: Seconds
    shown_at: Seconds
    """When a picture was shown last; at first one interval before it was asked for."""

    def urgency(self, size: LiveSize, now: Seconds) -> float:
        """Return how long it has waited, in units of its interval."""
        return (now - self.shown_at) / (INTERVALS_MS[size] / 1000)


class LiveBacklog(Generic[Item]):
    """At most one frame of each camera that somebody looks at. For one thread.

    `now` is in seconds of a clock that never jumps, except where it is compared with times of
    frames.
    """

    def __init__(self, tolerance_ms: Millis) -> None:
        """`tolerance_ms`: how far the time of a frame may be ahead."""
        self._tolerance_ms = tolerance_ms
        self._looks: Recent[str, dict[LiveSize, _Look]] = Recent()
        self._waiting: dict[str, LiveFrame[Item]] = {}
        self._shown: Recent[str, Millis] = Recent()
        """When the frame was taken that was shown last."""

    def __len__(self) -> int:
        return len(self._waiting)

    def request(self, cameras: Mapping[str, Collection[LiveSize]], now: Seconds) -> None:
        """Take note that somebody looks at these cameras, in these sizes."""
        for camera_id, sizes in cameras.items():
            looks = self._looks.get(camera_id, {})
            self._looks[camera_id] = looks
            for size in sizes:
                if look := looks.get(size):
                    look.requested_at = now
                else:
                    looks[size] = _Look(now, now - INTERVALS_MS[size] / 1000)

    def forget_requests(self) -> None:
        """Take note that nobody may look any more, as far as is known."""
        self._looks.clear()
        self._waiting.clear()
        self._shown.clear()

    def expire(self, seconds: Seconds, now: Millis) -> int:
        """Forget who has stopped looking, and frames that are too old; return how many of these."""
        for camera_id, looks in list(self._looks.items()):
            for size, look in list(looks.items()):
                if seconds - look.requested_at > REMEMBERED_MS / 1000:
                    del looks[size]
            if not looks:
                del self._looks[camera_id]
                self._waiting.pop(camera_id, None)
                self._shown.pop(camera_id, None)
        for camera_id, captured_at in list(self._shown.items()):
            if captured_at > now + self._tolerance_ms:
                # The clock was set back: all frames would count as older until that time.
                del self._shown[camera_id]
        late = [frame for frame in self._waiting.values() if frame.expires_at <= now]
        for frame in late:
            del self._waiting[frame.camera_id]
        return len(late)

    def is_wanted(self, camera_id: str) -> bool:
        return camera_id in self._looks

    def add(self, frame: LiveFrame[Item]) -> bool:
        """Take a frame of a wanted camera; return whether it, or one that waited, is given up.

        That is the older one. One that comes again, or after a newer one was shown, is too.
        """
        before = self._waiting.get(frame.camera_id)
        shown_at = self._shown.get(frame.camera_id)
        if shown_at is not None and frame.captured_at <= shown_at:
            return True
        if before is None or before.captured_at < frame.captured_at:
            self._waiting[frame.camera_id] = frame
        return before is not None

    def waiting(self, camera_id: str) -> LiveFrame[Item] | None:
        """Return the frame of this camera that waits."""
        return self._waiting.get(camera_id)

    def due(self, camera_id: str, now: Seconds) -> list[LiveSize]:
        """Return the sizes in which a picture of this camera is to be shown now."""
        looks = self._looks.get(camera_id, {})
        return [size for size, look in looks.items() if look.urgency(size, now) >= DUE]

    def next(self, now: Seconds) -> LiveFrame[Item] | None:
        """Return the due frame whose camera has waited longest; it waits until it is done.

        Waiting counts in units of the interval: who looks at one camera gets four pictures in the
        time in which another gets one of a small size, also where there is time for few.
        """
        due = [frame for frame in self._waiting.values() if self.due(frame.camera_id, now)]
        return max(due, key=lambda frame: self._urgency(frame.camera_id, now), default=None)

    def done(self, camera_id: str, sizes: Collection[LiveSize], now: Seconds) -> None:
        """Take note that a picture was shown in these sizes, or (none) that there is none.

        A frame that was shown is not shown again, in whatever size.
        """
        if frame := self._waiting.pop(camera_id, None):
            self._shown[camera_id] = frame.captured_at
        looks = self._looks.get(camera_id, {})
        for size in sizes:
            if look := looks.get(size):
                look.shown_at = now

    def _urgency(self, camera_id: str, now: Seconds) -> float:
        return max(look.urgency(size, now) for size, look in self._looks[camera_id].items())
