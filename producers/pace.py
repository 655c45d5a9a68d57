"""When a live source's next picture is due."""

from collections.abc import Iterator
from itertools import count
from math import floor

from producers.clock import Clock

_ROUNDING = 1e-6
"""Seconds, far below a picture's: 1/3 x 3 must count as 1."""


def ticks(fps: float, clock: Clock) -> Iterator[float]:
    """Yield the seconds 0, 1/fps, 2/fps … when the clock reaches each.

    What a slow reader missed is left out: live means now, not everything.
    """
    start = clock.seconds()
    tick = 0
    while True:
        elapsed = clock.seconds() - start
        tick = max(tick, floor((elapsed + _ROUNDING) * fps))
        if (wait := tick / fps - elapsed) > 0:
            clock.sleep(wait)
        yield tick / fps
        tick += 1


def steps(fps: float) -> Iterator[float]:
    """Yield the same seconds without waiting."""
    return (step / fps for step in count())


def index_at(seconds: float, fps: float) -> int:
    """Return which picture of a recording with this rate shows at that second."""
    return floor((seconds + _ROUNDING) * fps)
