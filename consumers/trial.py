"""Sends a trial message to one recipient, on all channels, and tells what came of each."""

from collections.abc import Iterator

from consumers.mail import Mail
from consumers.sending import Sender, SendError
from consumers.webhook import Webhooks
from producers.clock import Clock
from pycturestream.notification import Message, Tried
from pycturestream.recipient import Channel, Recipient
from pycturestream.settings import Settings


def send_trial(
    message: Message, recipient: Recipient, settings: Settings, clock: Clock
) -> Iterator[Tried]:
    """Send as the alert service does, but once and at once. One refusal does not end the others."""
    senders: dict[Channel, Sender] = {
        "mail": Mail(settings, dict),
        "webhook": Webhooks(settings, clock),
    }
    for channel in recipient.channels:
        try:
            senders[channel].send(message, recipient)
        except SendError as error:
            yield Tried(channel, error.cause, error.place)
        else:
            yield Tried(channel)
