"""`pycturestream notify`: the alert service, and what belongs to it."""

import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pycturestream.api.links import alert_links, links_of
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.outbox import STORE, outbox, times
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.recipient_file import RecipientFileError
from pycturestream.config.settings import Settings, settings
from pycturestream.config.source_address import without_secrets
from pycturestream.domain.notifications.notification import new_test_message
from pycturestream.domain.notifications.recipient import Channel, Recipient, Subscription
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.alerts import AlertLog
from pycturestream.log.cameras import FollowedCameras
from pycturestream.notifications.delivery import Delivery, Say
from pycturestream.notifications.email_rendering import Links
from pycturestream.notifications.evidence import fetch_evidence
from pycturestream.notifications.mail import Mail
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore, StoreError
from pycturestream.notifications.process_lock import AnotherError, only_one
from pycturestream.notifications.recipient_book import RecipientBook
from pycturestream.notifications.sender import Sender
from pycturestream.notifications.test_message import send_test_message
from pycturestream.notifications.webhook import Webhooks
from pycturestream.signals import until_interrupted

_LOOK_S = 0.5
_PATIENCE_S = 2.0
"""When it is said that a broker is waited for."""


class _RunByDefault(TyperGroup):
    """Runs the service where a file stands in the place of a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        if args and args[0] not in known:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    no_args_is_help=True,
    help="Send mails and webhooks about alerts: `pycturestream notify recipients.yaml`.",
)
for command in (outbox, times):
    app.command()(command)

File = Annotated[Path, typer.Argument(help="recipients.yaml", show_default=False)]


@app.command()
def run(file: File) -> None:
    """Tell the recipients of a file of alerts, until Ctrl-C. The word `run` may be left out.

    The file is read again when it changes. Settings of the mail server: PYCTURESTREAM_SMTP_HOST
    and what begins like it, see docs/alerts.md.

    Example: `pycturestream notify recipients.yaml`
    """
    book = open_book(file, _say)
    with until_interrupted() as stop, _store(settings()) as store:
        clock = SystemClock(stop)
        followed = FollowedAlertCommands(settings())
        cameras = FollowedCameras(settings())
        try:
            # Without these, what is silenced would be told, and times be of another zone.
            if not (followed.wait(_PATIENCE_S) and cameras.wait(_PATIENCE_S)):
                _say(f"waiting for Kafka at {settings().kafka}: `pycturestream up` starts it")
            while not (clock.stopped or (followed.wait(_LOOK_S) and cameras.wait(_LOOK_S))):
                pass
            service = NotificationService(
                store,
                lambda: book.recipients,
                lambda: followed.known,
                clock,
                settings(),
                _say,
            )
            deliveries = [
                Delivery(store, channel, sender, lambda: book.recipients, clock, settings(), _say)
                for channel, sender in _senders(settings(), clock, cameras).items()
            ]
            _say(_greeting(book, settings()))
            with ThreadPoolExecutor(len(deliveries) + 2) as pool:
                work: list[Future[None]] = [
                    pool.submit(service.run, lambda: AlertLog(settings())),
                    pool.submit(book.follow, clock),
                    *(pool.submit(delivery.run) for delivery in deliveries),
                ]
                wait(work, return_when=FIRST_COMPLETED)
                stop.set()  # where one failed, the others end too
            for done in work:
                done.result()
            counts = store.counts().items()
            _say(", ".join(f"{number} {state}" for state, number in counts) or "nothing to tell")
        except StoreError as error:
            raise CommandError(str(error)) from error
        finally:
            cameras.close()
            followed.close()


@app.command()
def check(file: File, *, as_json: AsJson = False) -> None:
    """Find all mistakes of a file of recipients, and show who would hear of what.

    Example: `pycturestream notify check recipients.yaml`
    """
    recipients = open_book(file, _say).recipients.values()
    if as_json:
        print_json(_as_record(recipient) for recipient in recipients)
        return
    print_table(
        ("recipient", "mail", "webhook", "alerts", "quiet hours"),
        (
            (
                recipient.name,
                recipient.mail or "-",
                _receiver_of(recipient) or "-",
                "; ".join(map(_alerts_of, recipient.alerts)),
                _quiet_hours_of(recipient),
            )
            for recipient in recipients
        ),
        empty="nobody",
    )


@app.command("test")
def send_test(
    file: File,
    recipient: Annotated[str, typer.Argument(help="The name of one in the file.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Send a test message to one recipient, by mail, webhook or both.

    Example: `pycturestream notify test recipients.yaml watch`
    """
    recipients = open_book(file, _say).recipients
    if recipient not in recipients:
        raise UsageError(f"{recipient}: no such recipient; {file.name} has {', '.join(recipients)}")
    clock, refusals = SystemClock(), []
    message = new_test_message(recipient, clock.now())
    for tried in send_test_message(message, recipients[recipient], settings(), clock):
        what = f"{tried.channel} to {recipient}"
        if tried.rejection is not None:
            place = f"{tried.place}: " if tried.place else ""
            refusals.append(f"{what}: {place}{tried.rejection}")
        elif as_json:
            print_json([{"recipient": recipient, "channel": tried.channel, "id": message.id}])
        else:
            console.print(f"{what}: taken", highlight=False, markup=False)
    if refusals:
        raise CommandError("; ".join(refusals))


def open_book(file: Path, say: Say) -> RecipientBook:
    """Read the recipients of a file. Raises CommandError."""
    try:
        return RecipientBook(file, say)
    except RecipientFileError as error:
        raise CommandError(str(error)) from error


def _senders(settings: Settings, clock: Clock, cameras: FollowedCameras) -> dict[Channel, Sender]:
    return {
        "mail": Mail(
            settings,
            lambda: cameras.cameras,
            links=_links(settings, clock),
            evidence=lambda alert: fetch_evidence(settings, alert),
        ),
        "webhook": Webhooks(settings, clock),
    }


def _links(settings: Settings, clock: Clock) -> Links:
    """Return what makes the links of a mail: none that nobody could follow."""
    if not settings.web_address:
        return lambda _alert, _recipient: ()
    try:
        made = links_of(settings)
    except OSError as error:
        raise CommandError(str(error)) from error
    return lambda alert, recipient: alert_links(settings, made, alert, recipient, clock.now())


@contextmanager
def _store(settings: Settings) -> Iterator[NotificationStore]:
    path = settings.data_folder / STORE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_one(path):
            store = NotificationStore(path)
            try:
                yield store
            finally:
                store.close()
    except (AnotherError, StoreError, OSError) as error:
        raise CommandError(str(error)) from error


def _say(text: str) -> None:
    """Say what is done; what is said of several threads at once stays whole."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _greeting(book: RecipientBook, settings: Settings) -> str:
    by_mail = any(recipient.mail for recipient in book.recipients.values())
    if by_mail and not settings.smtp_host:
        return "PYCTURESTREAM_SMTP_HOST names no mail server: mails wait until it is set"
    through = f", mail through {settings.smtp_host}:{settings.smtp_port}" if by_mail else ""
    return f"telling {', '.join(book.recipients)} of alerts{through}"


def _receiver_of(recipient: Recipient) -> str | None:
    return without_secrets(recipient.webhook.url) if recipient.webhook else None


def _alerts_of(subscription: Subscription) -> str:
    places = ", ".join((*subscription.cameras, *subscription.sites)) or "all"
    return f"{places} from level {subscription.level}"


def _quiet_hours_of(recipient: Recipient) -> str:
    quiet = recipient.quiet_hours
    if quiet is None:
        return "-"
    spans = (
        f"{minute // 60:02d}:{minute % 60:02d}"
        for minute in (quiet.period.from_minute, quiet.period.to_minute)
    )
    exception = f", not for level {quiet.except_level}" if quiet.except_level else ""
    return f"{' to '.join(spans)} {recipient.timezone}{exception}"


def _as_record(recipient: Recipient) -> dict[str, Any]:
    return {
        "name": recipient.name,
        "mail": recipient.mail or None,
        "webhook": _receiver_of(recipient),
        "alerts": [
            {"cameras": list(one.cameras), "sites": list(one.sites), "level": one.level}
            for one in recipient.alerts
        ],
        "timezone": recipient.timezone,
        "quiet_hours": _quiet_hours_of(recipient) if recipient.quiet_hours else None,
        "cooldown_ms": recipient.cooldown_ms,
        "digest_ms": recipient.digest_ms,
        "messages_per_hour": recipient.hourly_limit,
    }
