"""When a phone's picture was taken, by our own clock.

A listener hears nothing about a picture older than two seconds. So the tolerance of cameras, five
seconds, is far too wide for a phone: one whose clock is three seconds behind would never speak.
"""

from msgspec import Struct

from pycturestream.domain.times import Millis

DELAY_MS = 1_000
"""A picture that came within so long after it was sent, by both clocks, shows that the phone's
clock is right: mobile networks take less, and what they take counts as age."""
REMEMBERED = 16
"""Pictures by which the clock is judged: eight seconds. A clock that is set is noticed by then."""


class PhoneClock(Struct, frozen=True):
    """How long the last pictures took to arrive, by the two clocks."""

    delays: tuple[int, ...] = ()
    """Our time of arrival minus the phone's time of sending, in ms."""

    @property
    def behind_ms(self) -> int:
        """How far the phone's clock is behind ours; below 0: ahead.

        By the fastest of the last pictures, since nothing arrives before it was sent. One that was
        held up in the network is old, and does not show a wrong clock.
        """
        fastest = min(self.delays, default=0)
        return 0 if 0 <= fastest <= DELAY_MS else fastest


def receive(
    clock: PhoneClock, captured_at: Millis, sent_at: Millis, now: Millis
) -> tuple[PhoneClock, Millis]:
    """Return the clock after a picture that arrived `now`, and by our clock when it was taken.

    The two times are by the phone's clock, and may be anything. No picture is of the future.
    """
    clock = PhoneClock((*clock.delays, now - sent_at)[-REMEMBERED:])
    return clock, min(captured_at + clock.behind_ms, now)
