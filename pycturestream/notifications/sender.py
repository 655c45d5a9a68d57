"""The port through which messages are sent, and how sending fails."""

from typing import Protocol

from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.errors import ServiceError


class SendError(ServiceError):
    """A message was not accepted; the cause in one line, without secrets."""

    def __init__(self, cause: str, *, place: str = "") -> None:
        """`place`: the address of the server or receiver, for those who may see it."""
        super().__init__(f"{place}: {cause}" if place else cause)
        self.cause = cause
        self.place = place


class UnavailableError(SendError):
    """The server or receiver does not work: try this message again, and no other before it."""

    def __init__(self, cause: str, *, for_all: bool, place: str = "") -> None:
        """`for_all`: whether this concerns all recipients of the channel."""
        super().__init__(cause, place=place)
        self.for_all = for_all


class DeferredError(SendError):
    """This message is not accepted now: try again."""


class RejectedError(SendError):
    """This message will never be accepted."""


class Sender(Protocol):
    """One way to reach recipients."""

    def send(self, message: Message, recipient: Recipient) -> None:
        """Return when the other side has accepted the message. Raises SendError."""
        ...
