"""The newest picture of a camera, as often as its rate asks for one."""

from typing import Protocol

from producers.pace import Rate, now
from producers.picture import Picture, Pictures, Skipped
from pycturestream.clock import Clock

_ASK_AGAIN_S = 0.2
"""The longest wait before the rate is asked for again: it may have grown meanwhile."""


class OpenCamera(Protocol):
    """A camera that is being captured."""

    def newest(self) -> Picture | Skipped | None:
        """Return the next picture that comes, or what was damaged before it.

        None when the clock stops.
        """
        ...


def newest_pictures(camera: OpenCamera, rate: Rate, clock: Clock) -> Pictures:
    """Yield the newest picture at most `rate` times a second, until the clock stops.

    A picture counts as due half an interval early: cameras are not exact, and one that is
    asked for its own rate must not lose every second picture to that. When the rate changes, a
    picture is due at once.
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
        if isinstance(picture, Picture):
            due = max(due, clock.seconds()) + interval
        yield picture
