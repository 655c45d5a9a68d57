"""The recipients of a file, and trial messages to them: what `web.post_room` asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from consumers.recipient_book import RecipientBook
from consumers.trial import send_trial
from producers.clock import Clock
from pycturestream.notification import Message, Tried
from pycturestream.recipient import Recipient
from pycturestream.settings import Settings


@dataclass(frozen=True, slots=True)
class PostRoom:
    """Looks at the file for each question: who was taken out of it is gone at once."""

    book: RecipientBook
    settings: Settings
    clock: Clock

    def recipients(self) -> Mapping[str, Recipient]:
        self.book.refresh()
        return self.book.recipients

    def try_out(self, message: Message, recipient: Recipient) -> Sequence[Tried]:
        """Send it by all channels. What refused says why without addresses: many may ask here."""
        return [
            replace(tried, refusal=tried.refusal and self._without_addresses(tried.refusal))
            for tried in send_trial(message, recipient, self.settings, self.clock)
        ]

    def _without_addresses(self, cause: str) -> str:
        """Return it masked: mail servers like to repeat what they refuse."""
        host = re.escape(self.settings.smtp_host) or "(?!)"
        return re.sub(rf"[^\s<>'\"]+@[^\s<>'\"]+|{host}", "…", cause, flags=re.IGNORECASE)
