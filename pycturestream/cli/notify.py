"""`pycturestream notify`: runs the alert service, checks its recipients, sends test messages."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pycturestream.cli.composition.metrics import exported, message_metrics
from pycturestream.cli.composition.notifier import notifier, open_recipients
from pycturestream.cli.outbox import outbox, times
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.domain.notifications.notification import new_test_message
from pycturestream.domain.notifications.recipient import Recipient, Subscription
from pycturestream.errors import CommandError, UsageError
from pycturestream.logging_setup import configure_logs
from pycturestream.notifications.send_test_message import send_test_message
from pycturestream.public_address import without_secrets
from pycturestream.signals import until_interrupted


class _RunByDefault(TyperGroup):
    """Runs the service where a file is given in place of a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        if args and args[0] not in known:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    no_args_is_help=True,
    help="Send emails and webhooks about alerts: `pycturestream notify recipients.yaml`.",
)
for command in (outbox, times):
    app.command()(command)

File = Annotated[Path, typer.Argument(help="recipients.yaml", show_default=False)]


@app.command()
def run(file: File) -> None:
    """Notify the recipients of a file about alerts, until Ctrl-C. The word `run` may be left out.

    The file is read again when it changes. The mail server is configured by
    PYCTURESTREAM_SMTP_HOST and the other PYCTURESTREAM_SMTP_ settings, see docs/alerts.md.

    Example: `pycturestream notify recipients.yaml`
    """
    configure_logs(settings().log_format, stream="stdout")
    book = open_recipients(file)
    with (
        until_interrupted() as stop,
        notifier(settings(), book, stop) as process,
        exported(
            settings(),
            settings().ports.notify_metrics,
            lambda: message_metrics(process.store.counts()),
        ),
    ):
        process.run()


@app.command()
def check(file: File, *, as_json: AsJson = False) -> None:
    """Find all mistakes in a file of recipients, and show who would be notified about what.

    Example: `pycturestream notify check recipients.yaml`
    """
    recipients = open_recipients(file).recipients.values()
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
        empty="no recipients",
    )


@app.command("test")
def send_test(
    file: File,
    recipient: Annotated[str, typer.Argument(help="The name of a recipient in the file.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Send a test message to one recipient, by email, webhook or both.

    Example: `pycturestream notify test recipients.yaml watch`
    """
    recipients = open_recipients(file).recipients
    if recipient not in recipients:
        raise UsageError(f"{recipient}: no such recipient; {file.name} has {', '.join(recipients)}")
    clock, rejections = SystemClock(), []
    chosen = recipients[recipient]
    message = new_test_message(recipient, clock.now(), chosen.language)
    for attempt in send_test_message(message, chosen, settings(), clock):
        what = f"{attempt.channel} to {recipient}"
        if attempt.rejection is not None:
            place = f"{attempt.place}: " if attempt.place else ""
            rejections.append(f"{what}: {place}{attempt.rejection}")
        elif as_json:
            print_json([{"recipient": recipient, "channel": attempt.channel, "id": message.id}])
        else:
            console.print(f"{what}: accepted", highlight=False, markup=False)
    if rejections:
        raise CommandError("; ".join(rejections))


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
    return f"{' to '.join(spans)} {recipient.clock_zone}{exception}"


def _as_record(recipient: Recipient) -> dict[str, Any]:
    return {
        "name": recipient.name,
        "mail": recipient.mail or None,
        "webhook": _receiver_of(recipient),
        "alerts": [
            {"cameras": list(one.cameras), "sites": list(one.sites), "level": one.level}
            for one in recipient.alerts
        ],
        "language": recipient.language,
        "timezone": recipient.clock_zone,
        "quiet_hours": _quiet_hours_of(recipient) if recipient.quiet_hours else None,
        "cooldown_ms": recipient.cooldown_ms,
        "digest_ms": recipient.digest_ms,
        "messages_per_hour": recipient.hourly_limit,
    }
