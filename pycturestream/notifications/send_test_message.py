"""Sends a test message to one recipient on all channels, and returns the result of each."""

from collections.abc import Iterator

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import DeliveryResult, Message
from pycturestream.domain.notifications.recipient import Channel, Recipient
from pycturestream.notifications.mail import Mail
from pycturestream.notifications.sender import Sender, SendError
from pycturestream.notifications.webhook import Webhooks


def send_test_message(
    message: Message, recipient: Recipient, settings: Settings, clock: Clock
) -> Iterator[DeliveryResult]:
    """Send as the alert service does, but only once; a rejection stops no other channel."""
    senders: dict[Channel, Sender] = {
        "mail": Mail(settings, dict),
        "webhook": Webhooks(settings, clock, dict),
    }
    for channel in recipient.channels:
        try:
            senders[channel].send(message, recipient)
        except SendError as error:
            yield DeliveryResult(channel, error.cause, error.place)
        except Exception as error:  # noqa: BLE001 - such as a secret that can't sign
            yield DeliveryResult(channel, type(error).__name__)
        else:
            yield DeliveryResult(channel)
