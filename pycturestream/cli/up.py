"""`pycturestream up`: starts the local stack and its jobs."""

import time
from typing import Annotated

import typer

from pycturestream.application.stack import start_stack
from pycturestream.cli.output import AsJson, console, errors, print_json
from pycturestream.config.settings import settings
from pycturestream.localstack.launch import READY, Report
from pycturestream.localstack.server_names import SERVE
from pycturestream.localstack.stack import is_running
from pycturestream.localstack.web_server import WebServer
from pycturestream.public_address import without_secrets


def up(
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start jobs without their saved state.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start whatever part of the local stack is not running, and print its addresses.

    Jobs resume from their last checkpoint.

    Example: `pycturestream up`
    """
    start_stack(settings(), progress(), fresh=fresh, pages=True, supervised=True)
    if as_json:
        print_json([addresses()])
    else:
        show_addresses()


def show_addresses() -> None:
    for name, address in addresses().items():
        console.print(f"{name:<14} {address}", soft_wrap=True, highlight=False)


def addresses() -> dict[str, str]:
    """Return what can be opened, by its name; the live page first, where it can be."""
    server = WebServer(settings())
    has_pages = is_running(server) and server.is_ready()
    return {
        **({"live page": server.live_page} if has_pages else {}),
        "web UI": without_secrets(settings().flink),
        "Elasticsearch": without_secrets(settings().elasticsearch),
        "Redis": without_secrets(settings().redis),
        "Kafka": settings().kafka,
    }


def progress() -> Report:
    """Return a report that prints each message with the seconds since now, on the error output."""
    began = time.monotonic()

    def report(name: str, message: str) -> None:
        if (name, message) == (SERVE, READY):
            message = f"{READY}: {WebServer(settings()).live_page}"
        seconds = time.monotonic() - began
        errors.print(f"{seconds:6.1f} s  {name:<21} {message}", soft_wrap=True, highlight=False)

    return report
