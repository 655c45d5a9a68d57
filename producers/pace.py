"""When a live source's next picture is due."""

from collections.abc import Callable, Iterator
from itertools import count
from math import floor, inf

from pycturestream.clock import Clock

Rate = float | Callable[[], float]
"""Pictures a second: a number, or a function that returns it, because it may change."""

_ROUNDING = 1e-6
"""Seconds, far below a picture's: 1/3 x 3 must count as 1."""
_ASK_AGAIN_S = 0.5
"""The longest wait before the rate is asked for again: it may have grown meanwhile."""


def now(rate: Rate) -> float:
    """Return the pictures a second that are wanted now."""
    return rate() if callable(rate) else rate


def ticks(rate: Rate, clock: Clock) -> Iterator[float]:
    """Yield the seconds 0, 1/fps, 2/fps … when the clock reaches each.

    What a slow reader missed is left out: live means now, not all. When the rate changes, the
    next second is one new interval after the last.
    """
    begin = clock.seconds()
    last, step, fps = 0.0, 0, now(rate)
    second = last
    while True:
        if (wanted := now(rate)) != fps:
            last, step, fps = second, 1, wanted
        elapsed = clock.seconds() - begin
        step = max(step, floor((elapsed - last + _ROUNDING) * fps))
        wait = last + step / fps - elapsed
        if wait > _ASK_AGAIN_S and not clock.stopped:
            clock.sleep(_ASK_AGAIN_S)
            continue
        if wait > 0:
            clock.sleep(wait)
        second = last + step / fps
        yield second
        step += 1


class DuePictures:
    """Chooses pictures of a recording: for each moment at which one is due, the nearest.

    So a rate that differs from that of the recording by its jitter costs no picture. A moment
    whose nearest picture was chosen already is left out.
    """

    def __init__(self, rate: Rate | None) -> None:
        """Choose all pictures while there is no rate, or an infinite one."""
        self._rate = rate
        self._fps = 0.0
        self._begin, self._due = 0.0, 0.0

    def take(self, at: float, until: float) -> bool:
        """Return whether a picture is chosen that shows from one second until another."""
        fps = inf if self._rate is None else now(self._rate)
        middle = (at + until) / 2
        if fps == inf:
            self._begin, self._due, self._fps = at, middle, fps
            return True
        if fps != self._fps:
            if self._fps:
                self._begin = self._due - 1 / self._fps
                self._due = self._begin + 1 / fps
            self._fps = fps
        if middle + _ROUNDING < self._due:
            return False
        # The first moment behind the middle has another nearest picture.
        steps_before = floor((middle - self._begin + _ROUNDING) * fps)
        self._due = self._begin + (steps_before + 1) / fps
        return True


def steps(fps: float) -> Iterator[float]:
    """Yield the same seconds without waiting."""
    return (step / fps for step in count())


def index_at(seconds: float, fps: float) -> int:
    """Return which picture of a recording with this rate shows at that second."""
    return floor((seconds + _ROUNDING) * fps)
