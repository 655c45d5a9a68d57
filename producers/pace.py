"""When a live source's next picture is due."""

from collections.abc import Callable, Iterator
from itertools import count
from math import floor

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


def steps(fps: float) -> Iterator[float]:
    """Yield the same seconds without waiting."""
    return (step / fps for step in count())


def index_at(seconds: float, fps: float) -> int:
    """Return which picture of a recording with this rate shows at that second."""
    return floor((seconds + _ROUNDING) * fps)
