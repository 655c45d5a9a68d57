"""Sends the messages of the outbox on one channel, and marks them; failed ones are retried."""

from collections.abc import Callable, Mapping

from pycturestream.backoff import backoff_ms
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.recipient import Channel, Recipient
from pycturestream.logging_setup import get_logger
from pycturestream.notifications.notification_store import Entry, NotificationStore
from pycturestream.notifications.sender import RejectedError, Sender, SendError, UnavailableError

_log = get_logger(__name__)
_OUTBOX = "`pycturestream notify outbox`"
_IDLE_S = 0.2
"""How long to wait before looking for new messages."""


class Delivery:
    """Sends on one channel, one message after another, in the order in which they were decided."""

    def __init__(
        self,
        store: NotificationStore,
        channel: Channel,
        sender: Sender,
        recipients: Callable[[], Mapping[str, Recipient]],
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._channel = channel
        self._sender = sender
        self._recipients = recipients
        self._clock = clock
        self._settings = settings

    def run(self) -> None:
        """Send until the clock stops."""
        while not self._clock.stopped:
            if not self.send_next():
                self._clock.sleep(_IDLE_S)

    def send_next(self) -> bool:
        """Send one message that is due; return whether there was one."""
        entry = self._store.due(self._channel, self._clock.now())
        if entry is None:
            return False
        try:
            self._sender.send(entry.message, self._recipient(entry.message.recipient))
        except SendError as error:
            self._postpone(entry, error)
        except Exception as error:  # noqa: BLE001 - a message that fails must not stop the others
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            self._postpone(entry, RejectedError(cause))
        else:
            # A crash before this line makes a message come twice, with the same id.
            self._store.mark_sent(entry, self._clock.now())
            self._event("info", entry, "")
        return True

    def _recipient(self, name: str) -> Recipient:
        recipient = self._recipients().get(name)
        if recipient is None or self._channel not in recipient.channels:
            raise RejectedError(f"{name} no longer has a {self._channel} address")
        return recipient

    def _postpone(self, entry: Entry, error: SendError) -> None:
        now = self._clock.now()
        if isinstance(error, RejectedError):
            self._store.mark_undeliverable(entry, str(error), now)
            self._event("error", entry, f"{error}: given up, see {_OUTBOX}")
            return
        if now - entry.written_at > self._settings.send_patience_ms:
            self._store.mark_undeliverable(entry, str(error), now)
            self._event("error", entry, f"{error}: given up after so long, see {_OUTBOX}")
            return
        next_at = now + backoff_ms(
            entry.attempts, self._settings.send_backoff_ms, self._settings.send_backoff_max_ms
        )
        self._store.postpone(entry, str(error), next_at)
        if isinstance(error, UnavailableError):
            self._store.hold(
                self._channel, None if error.for_all else entry.message.recipient, next_at
            )
        if entry.attempts == 0 or str(error) != entry.error:
            self._event("warning", entry, f"{error}: trying again")

    def _event(self, level: str, entry: Entry, outcome: str) -> None:
        """Log what happened to a message."""
        message = entry.message
        line = f"{message.recipient}: {message.kind} {message.title}".rstrip()
        getattr(_log, level)(
            f"{self._channel} to {line}" + (f": {outcome}" if outcome else ""),
            channel=self._channel,
            recipient=message.recipient,
            message_id=message.id,
        )
