"""The process of `pycturestream notify`, and what other commands open of it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from pycturestream.api.links import alert_links, links_of
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.recipient_file import RecipientFileError
from pycturestream.config.settings import Settings, settings
from pycturestream.domain.alerts.alert_event import AlertEvent, notified_event
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Channel
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import Millis
from pycturestream.errors import CommandError
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.locks import LockedError, hold_lock
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.alerts import AlertLog
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.erasures import FollowedErasures
from pycturestream.log.event_sender import EventSender
from pycturestream.logging_setup import get_logger
from pycturestream.notifications.delivery import Delivery
from pycturestream.notifications.email_rendering import Links
from pycturestream.notifications.evidence import fetch_evidence
from pycturestream.notifications.mail import Mail
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore, StoreError
from pycturestream.notifications.recipient_book import RecipientBook
from pycturestream.notifications.sender import Sender
from pycturestream.notifications.webhook import Webhooks

_log = get_logger(__name__)
_POLL_S = 0.5
_TIMEOUT_S = 2.0
"""How long to wait for a broker before logging it."""

NOTIFICATION_STORE = "notifications.db"
"""The alert service's store, below the data folder."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """The process of `pycturestream notify`: reads alerts, decides, delivers on each channel."""

    settings: Settings
    store: NotificationStore
    book: RecipientBook
    commands: FollowedAlertCommands
    cameras: FollowedCameras
    erasures: FollowedErasures
    service: NotificationService
    deliveries: Sequence[Delivery]
    stop: Event

    def run(self) -> None:
        """Work until `stop` is set. Where one part fails, the others end too. Raises StoreError."""
        self._wait_for_topics()
        _log.info(self._greeting())
        with ThreadPoolExecutor(len(self.deliveries) + 2) as pool:
            work: list[Future[None]] = [
                pool.submit(self.service.run, lambda: AlertLog(self.settings)),
                pool.submit(self.book.follow, SystemClock(self.stop)),
                *(pool.submit(delivery.run) for delivery in self.deliveries),
            ]
            wait(work, return_when=FIRST_COMPLETED)
            self.stop.set()
        for done in work:
            done.result()
        counts = self.store.counts()
        summary = ", ".join(f"{number} {state}" for state, number in counts.items())
        _log.info(summary or "no messages", **counts)

    def _wait_for_topics(self) -> None:
        """Wait for what others have said: or silenced and erased alerts would be sent."""
        if not self._have_topics(_TIMEOUT_S):
            kafka = self.settings.kafka
            _log.warning(f"waiting for Kafka at {kafka}: `pycturestream up` starts it", kafka=kafka)
        while not (self.stop.is_set() or self._have_topics(_POLL_S)):
            pass

    def _have_topics(self, timeout_s: float) -> bool:
        topics = (self.commands, self.cameras, self.erasures)
        return all(topic.wait(timeout_s) for topic in topics)

    def _greeting(self) -> str:
        recipients, settings = self.book.recipients, self.settings
        by_mail = any(recipient.mail for recipient in recipients.values())
        if by_mail and not settings.smtp_host:
            return "PYCTURESTREAM_SMTP_HOST names no mail server: emails wait until it is set"
        through = f", mail through {settings.smtp_host}:{settings.smtp_port}" if by_mail else ""
        return f"notifying {', '.join(recipients)} about alerts{through}"


@contextmanager
def notifier(settings: Settings, book: RecipientBook, stop: Event) -> Iterator[Notifier]:
    """Yield the process of `pycturestream notify`, which ends when `stop` is set.

    Raises CommandError.
    """
    clock = SystemClock(stop)
    for problem in use_words_of_model(settings.model_folder / settings.model):
        _log.warning(problem)
    with (
        _notification_store(settings) as store,
        closing(FollowedAlertCommands(settings)) as commands,
        closing(FollowedCameras(settings)) as cameras,
        closing(FollowedErasures(settings)) as erasures,
        event_sender(settings) as report,
    ):
        yield Notifier(
            settings,
            store,
            book,
            commands,
            cameras,
            erasures,
            NotificationService(
                store,
                lambda: book.recipients,
                lambda: commands.known,
                lambda: erasures.known,
                clock,
                settings,
            ),
            [
                Delivery(
                    store,
                    channel,
                    sender,
                    lambda: book.recipients,
                    clock,
                    settings,
                    partial(_report_sent, report, channel),
                )
                for channel, sender in _senders(settings, clock, cameras).items()
            ],
            stop,
        )


@contextmanager
def event_sender(settings: Settings) -> Iterator[Callable[[AlertEvent | DailyRate], None]]:
    """Yield what sends events without waiting; those of the last moment are sent at the end."""
    events = EventSender(settings)
    try:
        yield events.report
    finally:
        events.end()
        events.join()


def _report_sent(
    report: Callable[[AlertEvent], None], channel: Channel, message: Message, at: Millis
) -> None:
    for alert in message.alerts:
        report(
            notified_event(
                alert,
                message_id=message.id,
                kind=message.kind,
                recipient=message.recipient,
                channel=channel,
                at=at,
            )
        )


def open_recipients(file: Path) -> RecipientBook:
    """Read the recipients of a file. Raises CommandError."""
    try:
        return RecipientBook(file)
    except RecipientFileError as error:
        raise CommandError(str(error)) from error


@contextmanager
def notification_store_if_any() -> Iterator[NotificationStore | None]:
    """Open the alert service's store to read it, whether or not the service runs.

    Yields None if there is none yet. Raises CommandError.
    """
    path = settings().data_folder / NOTIFICATION_STORE
    if not path.exists():
        yield None
        return
    try:
        store = NotificationStore(path)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _notification_store(settings: Settings) -> Iterator[NotificationStore]:
    path = settings.data_folder / NOTIFICATION_STORE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two services on one store would send everything twice.
        with hold_lock(path, "another `pycturestream notify`"):
            store = NotificationStore(path)
            try:
                yield store
            finally:
                store.close()
    except (LockedError, StoreError, OSError) as error:
        raise CommandError(str(error)) from error


def _senders(settings: Settings, clock: Clock, cameras: FollowedCameras) -> dict[Channel, Sender]:
    return {
        "mail": Mail(
            settings,
            lambda: cameras.cameras,
            links=_links(settings, clock),
            evidence=lambda alert: fetch_evidence(settings, alert),
        ),
        "webhook": Webhooks(settings, clock, lambda: cameras.cameras),
    }


def _links(settings: Settings, clock: Clock) -> Links:
    """Return what makes the links of an email; none without an address at which they work."""
    if not settings.web_address:
        return lambda _alert, _recipient: ()
    try:
        links = links_of(settings)
    except OSError as error:
        raise CommandError(str(error)) from error
    return lambda alert, recipient: alert_links(settings, links, alert, recipient, clock.now())
