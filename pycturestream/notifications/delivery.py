"""Sends the messages of the outbox on one channel, and marks them; failed ones are retried."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from math import inf
from typing import Final

from pycturestream.backoff import backoff_ms
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Channel, Recipient
from pycturestream.domain.times import Millis
from pycturestream.logging_setup import get_logger
from pycturestream.notifications.notification_store import Entry, NotificationStore
from pycturestream.notifications.sender import (
    DeferredError,
    RejectedError,
    Sender,
    SendError,
    UnavailableError,
)

_log = get_logger(__name__)
_OUTBOX = "`pycturestream notify outbox`"
_IDLE_S = 0.2
"""How long to wait before looking for new messages."""
HOLDS = 4
"""Attempts for which a message makes the others to its recipient wait; later, it may be to blame
itself: its receiver may fail on what it contains."""
OnSent = Callable[[Message, Millis], None]
WORKERS: Final[Mapping[Channel, int]] = {"mail": 4, "webhook": 32}
"""How many messages are sent at a time. All emails go to one mail server; of the receivers of
webhooks, this many may be slow before others wait for them, and only until their deadline."""


class Delivery:
    """Sends on one channel: to each recipient one message after another, as they were decided.

    No recipient waits for another one. An attempt is written before it is made: where nothing
    can be written, nothing is sent, and after a crash only what was being sent is sent again.
    """

    def __init__(
        self,
        store: NotificationStore,
        channel: Channel,
        sender: Sender,
        recipients: Callable[[], Mapping[str, Recipient]],
        clock: Clock,
        settings: Settings,
        on_sent: OnSent = lambda _message, _at: None,
    ) -> None:
        """`on_sent` is called with each message that was accepted, and must not wait."""
        self._store = store
        self._channel = channel
        self._sender = sender
        self._recipients = recipients
        self._clock = clock
        self._settings = settings
        self._on_sent = on_sent
        self._looked_at: float = inf

    def run(self) -> None:
        """Send until the clock stops. Raises StoreError."""
        sending: dict[str, Future[None]] = {}
        workers = WORKERS[self._channel]
        with ThreadPoolExecutor(workers, f"{self._channel}-delivery") as pool:
            while not self._clock.stopped:
                for recipient in [name for name, future in sending.items() if future.done()]:
                    sending.pop(recipient).result()
                entry = self._next(sending) if len(sending) < workers else None
                if entry is None and sending:
                    wait(sending.values(), _IDLE_S, FIRST_COMPLETED)
                elif entry is None:
                    self._clock.sleep(_IDLE_S)
                else:
                    sending[entry.message.recipient] = pool.submit(self._deliver, entry)
        for future in sending.values():
            future.result()

    def send_next(self) -> bool:
        """Send one message that is due; return whether there was one. Raises StoreError."""
        entry = self._next()
        if entry is not None:
            self._deliver(entry)
        return entry is not None

    def _next(self, busy: Collection[str] = ()) -> Entry | None:
        """Return a message that is due, to none of the recipients to whom one is being sent."""
        now = self._clock.now()
        was_set_back, self._looked_at = now < self._looked_at, now
        if was_set_back and self._store.when_possible(
            self._clock, lambda: self._store.clamp(now, self._settings.send_backoff_max_ms)
        ):
            _log.warning("the clock was set back: messages that waited for times to come are due")
        return self._store.when_possible(
            self._clock, lambda: self._store.due(self._channel, self._clock.now(), busy)
        )

    def _deliver(self, entry: Entry) -> None:
        self._store.when_possible(self._clock, lambda: self._store.begin(entry))
        try:
            self._sender.send(entry.message, self._recipient(entry.message.recipient))
        except SendError as error:
            self._postpone(entry, error)
        except Exception as error:  # noqa: BLE001 - a message that fails must not stop the others
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            self._postpone(entry, DeferredError(cause))
        else:
            # A crash before this line makes a message come twice, with the same id.
            sent_at = self._clock.now()
            self._store.when_possible(self._clock, lambda: self._store.mark_sent(entry, sent_at))
            self._on_sent(entry.message, sent_at)
            self._event("info", entry, "")

    def _recipient(self, name: str) -> Recipient:
        recipient = self._recipients().get(name)
        if recipient is None or self._channel not in recipient.channels:
            raise RejectedError(f"{name} no longer has a {self._channel} address")
        return recipient

    def _postpone(self, entry: Entry, error: SendError) -> None:
        now = self._clock.now()
        if isinstance(error, RejectedError):
            self._give_up(entry, error, "given up")
        # A clock that jumps ahead makes every message old: none is given up at its first attempt.
        elif entry.attempts and now - entry.written_at > self._settings.send_patience_ms:
            self._give_up(entry, error, "given up after so long")
        else:
            next_at = now + backoff_ms(
                entry.attempts, self._settings.send_backoff_ms, self._settings.send_backoff_max_ms
            )
            self._store.when_possible(
                self._clock, lambda: self._store.postpone(entry, str(error), next_at)
            )
            if isinstance(error, UnavailableError) and (error.for_all or entry.attempts < HOLDS):
                held = None if error.for_all else entry.message.recipient
                self._store.when_possible(
                    self._clock, lambda: self._store.hold(self._channel, held, next_at)
                )
            if entry.attempts == 0 or str(error) != entry.error:
                self._event("warning", entry, f"{error}: trying again")

    def _give_up(self, entry: Entry, error: SendError, outcome: str) -> None:
        self._store.when_possible(
            self._clock,
            lambda: self._store.mark_undeliverable(entry, str(error), self._clock.now()),
        )
        self._event("error", entry, f"{error}: {outcome}, see {_OUTBOX}")

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
