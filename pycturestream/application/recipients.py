"""The use cases of recipients: list them, and send a test message to one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import DeliveryResult, Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.recipient_book import RecipientBook
from pycturestream.notifications.send_test_message import send_test_message


@dataclass(frozen=True, slots=True)
class RecipientService:
    """Checks the file at each call, so that a removed recipient is gone at once."""

    book: RecipientBook
    settings: Settings
    clock: Clock

    def recipients(self) -> Mapping[str, Recipient]:
        """Return the recipients by name."""
        self.book.refresh()
        return self.book.recipients

    def send_test(self, message: Message, recipient: Recipient) -> Sequence[DeliveryResult]:
        """Send a test message on all channels. Rejections come without addresses of servers.

        Whoever has a token may see them.
        """
        return [
            replace(one, rejection=one.rejection and self._without_addresses(one.rejection))
            for one in send_test_message(message, recipient, self.settings, self.clock)
        ]

    def _without_addresses(self, cause: str) -> str:
        """Return it with addresses masked: mail servers repeat the address that they reject."""
        host = re.escape(self.settings.smtp_host) or "(?!)"
        return re.sub(rf"[^\s<>'\"]+@[^\s<>'\"]+|{host}", "…", cause, flags=re.IGNORECASE)
