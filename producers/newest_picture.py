"""The newest picture of a camera, as often as one is wanted."""

from typing import Protocol

from producers.pace import Rate, now
from producers.picture import Picture, Pictures
from pycturestream.clock import Clock

_ASK_AGAIN_S = 0.2
"""How long a rate that may have grown meanwhile is waited by."""


class OpenCamera(Protocol):
    """A camera that is being filmed."""

    def newest(self) -> Picture | None:
        """Return the next picture that comes, or None where the end has come."""
        ...


def watch(camera: OpenCamera, rate: Rate, clock: Clock) -> Pictures:
    """Yield the newest picture at most so many times a second, until the end has come.

    A picture counts as due half an interval early: cameras are not exact, and one that is
    asked for its own rate must not lose every second picture to that. When the rate changes,
    one is due at once.
    """
    interval, due = 0.0, 0.0
    while not clock.stopped:
        second = clock.seconds()
        if (wanted := 1 / now(rate)) != interval:
            interval, due = wanted, second
        if (wait := due - interval / 2 - second) > 0:
            clock.sleep(min(wait, _ASK_AGAIN_S))
            continue
        picture = camera.newest()
        if picture is None:
            return
        due = max(due, clock.seconds()) + interval
        yield picture
