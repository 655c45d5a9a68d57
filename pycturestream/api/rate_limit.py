"""How often a recipient may be sent a test message."""

from typing import Final

from pycturestream.domain.times import HOUR_MS, Millis

TEST_MESSAGES_PER_HOUR: Final = 6
"""Enough to set up a mail server by trial and error. Whoever got hold of a token can't fill a
mailbox with it."""


class RateLimit:
    """Counts by recipient, refused ones too: they cost a server as much. Begins at nothing.

    Asked by the event loop alone, which takes one request after another.
    """

    def __init__(self) -> None:
        self._tried: dict[str, list[Millis]] = {}

    def enter(self, recipient: str, now: Millis) -> Millis:
        """Count a trial and return 0, or count none and return how long to wait for the next."""
        recent = [at for at in self._tried.get(recipient, []) if at > now - HOUR_MS]
        if len(recent) >= TEST_MESSAGES_PER_HOUR:
            return recent[0] + HOUR_MS - now
        self._tried[recipient] = [*recent, now]
        return 0
