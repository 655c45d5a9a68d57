"""A recipient service in memory: messages arrive, or are rejected as a test wants."""

from threading import Event

from pycturestream.domain.notifications.notification import DeliveryResult


class FakeRecipientService:
    """Recipients that a test gave it, and what they were sent."""

    def __init__(self, *recipients):
        self.known = {recipient.name: recipient for recipient in recipients}
        self.rejections = {}
        """By channel."""
        self.sent = []
        """Pairs of message and recipient."""
        self.gate = Event()
        """While it is not set, sending hangs."""
        self.gate.set()

    def recipients(self):
        return self.known

    def send_test(self, message, recipient):
        self.sent.append((message, recipient))
        self.gate.wait(10)
        return [
            DeliveryResult(channel, self.rejections.get(channel)) for channel in recipient.channels
        ]
