"""Sends what the store holds on one channel, and marks it; what fails is tried again."""

from collections.abc import Callable, Mapping

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Channel, Recipient
from pycturestream.domain.times import Millis
from pycturestream.notifications.notification_store import Entry, NotificationStore
from pycturestream.notifications.sender import AwayError, RefusedError, Sender, SendError

_IDLE_S = 0.2
"""How long a message may lie before it is seen here."""

Say = Callable[[str], None]


class Delivery:
    """One channel. Its messages go one after another, in the order in which they were decided."""

    def __init__(
        self,
        store: NotificationStore,
        channel: Channel,
        sender: Sender,
        recipients: Callable[[], Mapping[str, Recipient]],
        clock: Clock,
        settings: Settings,
        say: Say,
    ) -> None:
        """`say` is told what was sent and what was not."""
        self._store = store
        self._channel = channel
        self._sender = sender
        self._recipients = recipients
        self._clock = clock
        self._settings = settings
        self._say = say

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
            self._put_off(entry, error)
        except Exception as error:  # noqa: BLE001 - one that can't be made must not end the others
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            self._put_off(entry, RefusedError(cause))
        else:
            # A crash before this line is why a message may come twice, with the same id.
            self._store.mark_sent(entry, self._clock.now())
            self._say(f"{self._channel} to {_line(entry.message)}")
        return True

    def _recipient(self, name: str) -> Recipient:
        recipient = self._recipients().get(name)
        if recipient is None or self._channel not in recipient.channels:
            raise RefusedError(f"{name} has no {self._channel} any more")
        return recipient

    def _put_off(self, entry: Entry, error: SendError) -> None:
        now, what = self._clock.now(), f"{self._channel} to {_line(entry.message)}: {error}"
        if isinstance(error, RefusedError):
            self._store.mark_undeliverable(entry, str(error), now)
            self._say(f"{what}: given up, see `pycturestream notify outbox`")
            return
        if now - entry.written_at > self._settings.send_patience_ms:
            self._store.mark_undeliverable(entry, str(error), now)
            self._say(f"{what}: given up after so long, see `pycturestream notify outbox`")
            return
        next_at = now + self._wait(entry)
        self._store.postpone(entry, str(error), next_at)
        if isinstance(error, AwayError):
            self._store.hold(
                self._channel, None if error.for_all else entry.message.recipient, next_at
            )
        if entry.attempts == 0 or str(error) != entry.error:
            self._say(f"{what}: trying again")

    def _wait(self, entry: Entry) -> Millis:
        doubled = self._settings.send_backoff_ms << min(entry.attempts, 20)
        return min(doubled, self._settings.send_backoff_max_ms)


def _line(message: Message) -> str:
    return f"{message.recipient}: {message.kind} {message.title}".rstrip()
