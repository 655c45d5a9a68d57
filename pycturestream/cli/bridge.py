"""`pycturestream bridge`: legacy clients' records as frames, until Ctrl-C."""

import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from producers.legacy_bridge import Bridge, BridgeCounts
from producers.publisher import Publisher
from producers.sender_name import sender_name
from producers.settings_lookup import FollowedSettings
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.domain.times import time_zone
from pycturestream.errors import UsageError
from pycturestream.log.dead_letters import DeadLetterWriter
from pycturestream.log.legacy import LegacyTopic
from pycturestream.logging_setup import configure_logs, get_logger
from pycturestream.signals import until_interrupted

log = get_logger(__name__)

_STATUS_INTERVAL_S = 2.0
_LINE_INTERVAL_S = 60.0


def bridge(
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Time zone for client timestamps without one.",
            show_default="PYCTURESTREAM_LEGACY_TIMEZONE, UTC",
        ),
    ] = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="No status while it runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish the records of legacy clients as frames, until Ctrl-C.

    A record is JSON with `image` (base64 JPEG), `timestamp` (ISO 8601) and `camera_id`. What
    can't be used becomes a dead letter, with a reason.

    Example: `pycturestream bridge --timezone Europe/Vienna`
    """
    configure_logs(settings().log_format)
    zone = _zone(timezone or settings().legacy_timezone)
    with until_interrupted() as stop:
        until, clock = SystemClock(stop), SystemClock()
        began = clock.seconds()
        # Whoever can reach the legacy topic chooses the cameras: not to be taken for this computer.
        name = f"{sender_name(settings())}.bridge"
        publisher = Publisher(settings(), "live", clock, name=name)
        dead_letters = DeadLetterWriter(settings())
        lookup = FollowedSettings()
        lookup.follow_topic(settings())
        lookup.wait(settings().live_delivery_timeout_ms / 1000)
        topic = LegacyTopic(settings(), clock)
        try:
            work = Bridge(publisher, dead_letters, lookup, zone, clock, settings())
            if not publisher.connect():
                kafka = settings().kafka
                log.warning(
                    f"Kafka at {kafka} does not answer; waiting for it. Start the stack with "
                    "`pycturestream up`",
                    kafka=kafka,
                )
            with ThreadPoolExecutor(1) as pool:
                _show_status(pool.submit(work.run, topic, until), work, quiet=quiet or as_json)
        finally:
            topic.close()
            lookup.close()
            dead_letters.close()
            publisher.close()
        seconds = round(clock.seconds() - began, 3)
    if as_json:
        print_json([as_record(work.counts, seconds)])
    else:
        print(f"{sentence(work.counts)} in {seconds:.1f} s")


def sentence(counts: BridgeCounts) -> str:
    """Return the counts in words."""
    return (
        f"{counts.consumed} consumed: {counts.published} published, "
        f"{_by_reason(counts.dropped)} dropped, {_by_reason(counts.dead_letters)} rejected"
        + (f", {counts.open} unanswered" if counts.open else "")
    )


def as_record(counts: BridgeCounts, seconds: float) -> dict[str, Any]:
    """Return the counts as a JSON record."""
    return {
        "consumed": counts.consumed,
        "published": counts.published,
        "dropped": counts.dropped,
        "dead_letters": counts.dead_letters,
        "open": counts.open,
        "seconds": seconds,
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return time_zone(name)
    except ValueError as error:
        raise UsageError(f"--timezone {name}: expected a name such as Europe/Vienna") from error


def _by_reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "none"


def _show_status(running: Future[None], work: Bridge, *, quiet: bool) -> None:
    """Show the counts until the bridge has ended."""
    if quiet:
        wait([running])
    elif sys.stdout.isatty():
        with errors.status("waiting", spinner="line") as status:
            while wait([running], _STATUS_INTERVAL_S).not_done:
                status.update(sentence(work.counts))
    else:
        while wait([running], _LINE_INTERVAL_S).not_done:
            print(sentence(work.counts), flush=True)
    running.result()
