"""What the HTTP application needs to show recipients and to try whether they are reached."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pycturestream.domain.notifications.notification import Message, Tried
from pycturestream.domain.notifications.recipient import Recipient


class PostRoom(Protocol):
    """Recipients and the way to them: `application.recipients.PostRoom`, or a test's own."""

    def recipients(self) -> Mapping[str, Recipient]:
        """Return them by name, as their file has them now."""
        ...

    def try_out(self, message: Message, recipient: Recipient) -> Sequence[Tried]:
        """Send it on all channels; return when each has taken or refused it."""
        ...
