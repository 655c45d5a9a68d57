"""Erasures that a test sets, in place of those that a follower of the topic has read."""

from pycturestream.domain.erasure import Erasure, Erasures
from tests.builders import MINUTE, NOON


def erasure(
    camera_id: str = "gate", since: int = NOON, until: int = NOON + MINUTE, asked_at: int = 0
) -> Erasure:
    """Return an erasure; asked for an hour after its time unless the test says otherwise."""
    return Erasure(camera_id, since, until, asked_at or until + 60 * MINUTE)


class FakeErasures:
    """A source of erasures; `is_complete` says whether the topic was read to its end."""

    def __init__(self, *erasures: Erasure) -> None:
        self.known = Erasures.of(erasures)
        self.is_complete = True
        self.closed = False

    def erase(self, *erasures: Erasure) -> None:
        """Replace what is erased."""
        self.known = Erasures.of(erasures)

    def wait(self, _timeout_s: float) -> bool:
        return self.is_complete

    def require(self, _timeout_s: float) -> None:
        if not self.is_complete:
            raise TimeoutError("erasures has not been read yet")

    def close(self) -> None:
        self.closed = True
