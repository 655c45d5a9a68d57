"""The recipients of a file, and trial messages to them: what the API asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import DeliveryAttempt, Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.recipient_book import RecipientBook
from pycturestream.notifications.test_message import send_test_message


@dataclass(frozen=True, slots=True)
class RecipientService:
    """Looks at the file for each question: who was taken out of it is gone at once."""

    book: RecipientBook
    settings: Settings
    clock: Clock

    def recipients(self) -> Mapping[str, Recipient]:
        self.book.refresh()
        return self.book.recipients

    def try_out(self, message: Message, recipient: Recipient) -> Sequence[DeliveryAttempt]:
        """Send it by all channels. What refused says why without addresses: many may ask here."""
        return [
            replace(tried, rejection=tried.rejection and self._without_addresses(tried.rejection))
            for tried in send_test_message(message, recipient, self.settings, self.clock)
        ]

    def _without_addresses(self, cause: str) -> str:
        """Return it masked: mail servers like to repeat what they refuse."""
        host = re.escape(self.settings.smtp_host) or "(?!)"
        return re.sub(rf"[^\s<>'\"]+@[^\s<>'\"]+|{host}", "…", cause, flags=re.IGNORECASE)
