"""Entry point of `pycturestream`: finds the command and prints errors as one line."""

import os
import signal
import sys
import threading
from collections.abc import Iterable
from importlib import import_module
from traceback import format_exception

import typer

from pycturestream.cli.output import errors
from pycturestream.errors import PyctureStreamError, UsageError
from pycturestream.public_address import hide_addresses

COMMANDS = {
    "up": "up:up",
    "down": "down:down",
    "status": "status:status",
    "demo": "demo:demo",
    "publish": "publish:publish",
    "run": "run:run",
    "bridge": "bridge:bridge",
    "notify": "notify:app",
    "cameras": "cameras:app",
    "load": "load:load",
    "replay": "replay:replay",
    "watch": "watch:watch_command",
    "latest": "latest:latest",
    "find": "find:find",
    "counts": "counts:counts",
    "alerts": "alerts:app",
    "narrations": "narrations:narrations",
    "rules": "rules:app",
    "explain": "explain:explain",
    "sql": "sql:sql",
    "dead-letters": "dead_letters:dead_letters",
    "models": "models:app",
    "tracks": "tracks:app",
    "dashboards": "dashboards:app",
    "serve": "serve:serve",
    "tokens": "tokens:app",
    "setup": "setup:setup",
}
"""Where each command is: a file of this folder, and the function or group of commands in it."""
_PRIVATE = 0o077


def main() -> None:
    """Run one command. Exit status: 0 done, 1 failed, 2 wrong use, 130 ended by Ctrl-C."""
    arguments = sys.argv[1:] or ["--help"]
    # A shell that runs us in the background has us ignore SIGINT; whoever sends it means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Pictures, tokens and addresses are in what commands write: it is for their user alone.
    os.umask(_PRIVATE)
    if threading.excepthook is threading.__excepthook__:  # a test run has its own
        threading.excepthook = lambda fault: _print_fault(fault.exc_value)
    try:
        # Only the command asked for is imported: all together would take a second or more.
        wanted = arguments[:1] if arguments[0] in COMMANDS else COMMANDS
        status = application(wanted)(arguments, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except UsageError as error:
        status = _print_error(str(error), 2)
    except PyctureStreamError as error:
        status = _print_error(str(error), 1)
    except typer.TyperException as error:
        status = _print_error(
            f"{error.format_message()} (see pycturestream --help)", error.exit_code
        )
    finally:  # a call of typer's replaces it
        sys.excepthook = lambda _kind, error, _trace: _print_fault(error)
    sys.exit(status or 0)


def application(names: Iterable[str]) -> typer.Typer:
    """Return the command line with these commands."""
    application = typer.Typer(
        help="Camera pictures in; tracks, counts, alerts and sentences out.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=lambda: None,  # makes it a group of commands even where it has one
    )
    for name in names:
        file, _, member = COMMANDS[name].partition(":")
        command = getattr(import_module(f"pycturestream.cli.{file}"), member)
        if isinstance(command, typer.Typer):
            application.add_typer(command, name=name)
        else:
            application.command(name)(command)
    return application


def _print_error(message: str, status: int) -> int:
    line = f"error: {hide_addresses(message)}"  # it may quote an argument, or a library
    errors.print(line, soft_wrap=True, highlight=False, markup=False)
    return status


def _print_fault(error: BaseException | None) -> None:
    """Print the traceback of a fault of the program, which may quote an address too."""
    if error is not None:
        sys.stderr.write(hide_addresses("".join(format_exception(error))))


if __name__ == "__main__":
    main()
