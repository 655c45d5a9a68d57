"""How often a test message may be sent to a recipient."""

from typing import Final

from pycturestream.domain.times import HOUR_MS, Millis

TEST_MESSAGES_PER_HOUR: Final = 6
"""Enough to set up a mail server by trial and error, and too few to fill a mailbox with a stolen
token."""


class RateLimit:
    """Counts messages by recipient, rejected ones too: they cost a server as much.

    Not thread-safe: only the event loop uses it.
    """

    def __init__(self) -> None:
        self._sent: dict[str, list[Millis]] = {}

    def claim(self, recipient: str, now: Millis) -> Millis:
        """Count a message and return 0, or count none and return the wait in ms until the next."""
        # A clock that was set back leaves times to come.
        past = [min(at, now) for at in self._sent.get(recipient, [])]
        recent = [at for at in past if at > now - HOUR_MS]
        wait = recent[0] + HOUR_MS - now if len(recent) >= TEST_MESSAGES_PER_HOUR else 0
        self._sent[recipient] = recent if wait else [*recent, now]
        return wait
