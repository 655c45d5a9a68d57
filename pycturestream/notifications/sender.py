"""What those who send messages and those who have them sent agree upon."""

from typing import Protocol

from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.errors import ServiceError


class SendError(ServiceError):
    """A message was not taken; the cause in one line, without secrets."""

    def __init__(self, cause: str, *, place: str = "") -> None:
        """`place`: the server or receiver that is meant, for those who may know where it is."""
        super().__init__(f"{place}: {cause}" if place else cause)
        self.cause = cause
        self.place = place


class AwayError(SendError):
    """Nobody takes anything there now: try again, and nothing else until then."""

    def __init__(self, cause: str, *, for_all: bool, place: str = "") -> None:
        """`for_all`: whether it is so for all recipients of the channel."""
        super().__init__(cause, place=place)
        self.for_all = for_all


class DeferredError(SendError):
    """This message is not taken now: try again."""


class RefusedError(SendError):
    """This message will never be taken."""


class Sender(Protocol):
    """One way to reach recipients."""

    def send(self, message: Message, recipient: Recipient) -> None:
        """Return when the other side has taken the message. Raises SendError."""
        ...
