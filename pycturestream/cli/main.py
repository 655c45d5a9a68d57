"""Entry point of `pycturestream`: finds the command and prints errors as one line."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from traceback import format_exception
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from pycturestream.cli.commands import COMMANDS
from pycturestream.cli.output import errors
from pycturestream.errors import PyctureStreamError, UsageError
from pycturestream.public_address import hide_addresses

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
        status = application()(arguments, standalone_mode=False)
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


class CommandLine(TyperGroup):
    """The group of all commands. Only the one that is called is imported."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(str(name)), rest


def application() -> typer.Typer:
    """Return the command line: each command's name and help, until it is called."""
    application = _no_commands(CommandLine)
    for name, (_, about) in COMMANDS.items():
        application.command(name, help=about)(lambda: None)
    return application


def load_command(name: str) -> Any:
    """Import a command, and return it as typer has it."""
    file, _, member = COMMANDS[name][0].partition(":")
    with _no_garbage():
        command = getattr(import_module(f"pycturestream.cli.{file}"), member)
    application = _no_commands(TyperGroup)
    if isinstance(command, typer.Typer):
        application.add_typer(command, name=name)
    else:
        application.command(name)(command)
    return get_group(application).commands[name]


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Collect no garbage in the block, nor later what it has made.

    Modules are there to stay. Looking for garbage among them, also at the end, takes a fifth of the
    time of a command that prints one record.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _no_commands(kind: type[TyperGroup]) -> typer.Typer:
    return typer.Typer(
        cls=kind,
        help="Camera pictures in; tracks, counts, alerts and sentences out.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=lambda: None,  # makes it a group of commands even where it has one
    )


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
