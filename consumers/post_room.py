"""The recipients of a file, and trial messages to them: what `web.post_room` asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
        return list(send_trial(message, recipient, self.settings, self.clock))
