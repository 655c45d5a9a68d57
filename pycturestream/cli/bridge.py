"""`pycturestream bridge`: what legacy clients publish, as frames, until Ctrl-C."""

import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from producers.legacy_bridge import Bridge, BridgeAccount
from producers.publisher import Publisher
from pycturestream.cli.errors import UsageError
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.cli.publish import warn
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.domain.times import time_zone
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.dead_letters import DeadLetterWriter
from pycturestream.log.legacy import LegacyTopic
from pycturestream.signals import until_interrupted

_STATUS_INTERVAL_S = 2.0
_LINE_INTERVAL_S = 60.0


def bridge(
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Where clients' clocks stand, whose times name no zone.",
            show_default="PYCTURESTREAM_LEGACY_TIMEZONE, UTC",
        ),
    ] = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="No status while it runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish as frames what legacy clients publish to their topic, until Ctrl-C.

    A record is JSON with `image` (base64 JPEG), `timestamp` (ISO 8601) and `camera_id`. What
    can't be used becomes a dead letter, with a reason.

    Example: `pycturestream bridge --timezone Europe/Vienna`
    """
    zone = _zone(timezone or settings().legacy_timezone)
    with until_interrupted() as stop:
        until, clock = SystemClock(stop), SystemClock()
        began = clock.seconds()
        publisher = Publisher(settings(), "live", clock)
        dead_letters = DeadLetterWriter(settings())
        followed = FollowedCameras(settings())
        followed.wait(settings().live_delivery_timeout_ms / 1000)
        topic = LegacyTopic(settings(), clock)
        try:
            work = Bridge(publisher, dead_letters, followed, zone, clock, settings(), warn)
            if not publisher.connect():
                warn(
                    f"Kafka at {settings().kafka} does not answer, and is waited for: start the "
                    "stack with `pycturestream up`"
                )
            with ThreadPoolExecutor(1) as pool:
                _watch(pool.submit(work.run, topic, until), work, quiet=quiet or as_json)
        finally:
            topic.close()
            followed.close()
            dead_letters.close()
            publisher.close()
        seconds = round(clock.seconds() - began, 3)
    if as_json:
        print_json([as_record(work.account, seconds)])
    else:
        print(f"{sentence(work.account)} in {seconds:.1f} s")


def sentence(account: BridgeAccount) -> str:
    """Return the books in words."""
    return (
        f"{account.consumed} consumed: {account.published} published, "
        f"{_by_reason(account.dropped)} dropped, {_by_reason(account.dead_letters)} refused"
        + (f", {account.open} unanswered" if account.open else "")
    )


def as_record(account: BridgeAccount, seconds: float) -> dict[str, Any]:
    """Return the books as JSON has them."""
    return {
        "consumed": account.consumed,
        "published": account.published,
        "dropped": account.dropped,
        "dead_letters": account.dead_letters,
        "open": account.open,
        "seconds": seconds,
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return time_zone(name)
    except ValueError as error:
        raise UsageError(f"--timezone {name}: expected a name such as Europe/Vienna") from error


def _by_reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "none"


def _watch(running: Future[None], work: Bridge, *, quiet: bool) -> None:
    """Say how it goes until it has ended."""
    if quiet:
        wait([running])
    elif sys.stdout.isatty():
        with errors.status("waiting", spinner="line") as status:
            while wait([running], _STATUS_INTERVAL_S).not_done:
                status.update(sentence(work.account))
    else:
        while wait([running], _LINE_INTERVAL_S).not_done:
            print(sentence(work.account), flush=True)
    running.result()
