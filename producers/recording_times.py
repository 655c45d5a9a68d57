"""When the pictures of a recording show, by its own times, as far as those can be true.

Cameras take pictures when something moves, when it is bright enough or when a browser has time, so
nothing follows from a picture's number. But recorders and networks also write times that run back
or leap, and a recording that was put together from several has several clocks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from producers.video import Lost, VideoPicture

_LONGEST_GAP_MS = 3_600_000
"""Recorders begin a new file each hour at the latest; what is longer is another clock."""
_INTERVALS = 10
"""But of a recording with a picture an hour, so many may be missing."""
_OUT_OF_ORDER_MS = 2_000
"""Times that run back by no more are out of order; by more, another clock."""


@dataclass(frozen=True, slots=True)
class TimedPicture:
    """A picture of a recording, and when it shows; in milliseconds since the recording began."""

    picture: VideoPicture
    at: int
    until: int
    """When the next one shows."""


class RecordingTimes:
    """The clock of one recording. Its times only grow, by a millisecond at least."""

    def __init__(self, interval_ms: int) -> None:
        """Assume `interval_ms` between two pictures, until there are two."""
        self._interval = max(1, interval_ms)
        self._usual = self._interval
        """The shorter of the last two intervals: a gap is not among them."""
        self._last = -self._interval
        self._offset = 0
        """From the recording's times to ours; it changes with each other clock."""

    def step(self, own: int | None, following: int | None) -> tuple[int, int]:
        """Return from when until when a picture shows, by its own time and that of the next one.

        A time that only one picture has is an error. If it stays, another clock begins, which
        goes on where the one before it ended.
        """
        expected = self._last + self._usual
        fits = own is not None and self._is_credible(own)
        if fits and following is not None and own is not None:
            fits = own - following <= _OUT_OF_ORDER_MS or not self._is_credible(following)
        if own is None:
            at = expected
        elif fits:
            at = own + self._offset
        elif following is not None and self._is_credible(following):
            at = min(expected, (self._last + following + self._offset) // 2)
        else:
            at, self._offset = expected, expected - own
        at = max(at, self._last + 1, 0)
        interval = at - self._last
        self._usual = min(self._interval, interval)
        self._interval, self._last = interval, at
        if following is not None and self._is_credible(following):
            return at, max(at + 1, following + self._offset)
        return at, at + self._usual

    def _is_credible(self, own: int) -> bool:
        """Whether a picture may have that time, after those before it."""
        gap = own + self._offset - self._last
        return -_OUT_OF_ORDER_MS <= gap <= max(_LONGEST_GAP_MS, _INTERVALS * self._usual)


def timed(
    pictures: Iterable[VideoPicture | Lost], interval_ms: int
) -> Iterator[TimedPicture | Lost]:
    """Yield the pictures with their times, and what was lost.

    `interval_ms` is the time between two pictures that the recording claims.
    """
    times = RecordingTimes(interval_ms)
    waiting: VideoPicture | None = None
    own: int | None = None
    for picture in pictures:
        if isinstance(picture, Lost):
            yield picture
            continue
        following = None if picture.second is None else round(1000 * picture.second)
        if waiting is not None:
            yield TimedPicture(waiting, *times.step(own, following))
        waiting, own = picture, following
    if waiting is not None:
        yield TimedPicture(waiting, *times.step(own, None))
