"""`pycturestream notify outbox` and `times`: what was not sent, and how long sending took."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import typer

from pycturestream.cli.composition.notifier import notification_store_if_any
from pycturestream.cli.formatting import when
from pycturestream.cli.output import AsJson, print_json, print_table
from pycturestream.clock import SystemClock
from pycturestream.domain.notifications.recipient import Channel
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.notifications.message_wording import subject
from pycturestream.notifications.notification_store import SENT_KEEP_MS, Entry

_TIMES = ("p50_s", "p95_s", "longest_s")


def outbox(
    *,
    retry: Annotated[bool, typer.Option("--retry", help="Retry all of them now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the messages that wait to be sent or could not be delivered.

    Example: `pycturestream notify outbox --retry`
    """
    entries: list[Entry] = []
    with notification_store_if_any() as store:
        if store:
            if retry:
                store.retry(SystemClock().now())
            entries = store.unsent()
    if as_json:
        print_json(_entry_record(entry) for entry in entries)
        return
    print_table(
        ("written", "state", "channel", "recipient", "subject", "attempts", "error"),
        (
            (
                when(rfc3339(entry.written_at)),
                entry.state,
                entry.channel,
                entry.message.recipient,
                subject(entry.message),
                entry.attempts,
                entry.error,
            )
            for entry in entries
        ),
        empty="everything was sent",
    )


def times(*, as_json: AsJson = False) -> None:
    """Show how long after their alerts messages were accepted, in the last seven days.

    Only for the first message about each situation, and not for digests.

    Example: `pycturestream notify times`
    """
    waits: dict[Channel, list[Millis]] = {}
    with notification_store_if_any() as store:
        if store:
            waits = {
                channel: store.waits(channel, SystemClock().now() - SENT_KEEP_MS)
                for channel in ("mail", "webhook")
            }
    figures = [_times_record(channel, found) for channel, found in waits.items() if found]
    if as_json:
        print_json(figures)
        return
    print_table(
        ("channel", "messages", "p50", "p95", "longest"),
        (
            (one["channel"], one["messages"], *(f"{one[key]:.1f} s" for key in _TIMES))
            for one in figures
        ),
        empty="no message was sent in the last seven days",
    )


def _times_record(channel: Channel, waits: Sequence[Millis]) -> dict[str, Any]:
    values = np.percentile(waits, (50, 95, 100)) / 1000
    seconds = dict(zip(_TIMES, values.round(3).tolist(), strict=True))
    return {"channel": channel, "messages": len(waits), **seconds}


def _entry_record(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.message.id,
        "channel": entry.channel,
        "recipient": entry.message.recipient,
        "kind": entry.message.kind,
        "subject": subject(entry.message),
        "state": entry.state,
        "written_at": rfc3339(entry.written_at),
        "attempts": entry.attempts,
        "next_at": rfc3339(entry.next_at) if entry.state == "waiting" else None,
        "error": entry.error,
        "alerts": [alert.id for alert in entry.message.alerts],
    }
