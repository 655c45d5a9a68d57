"""Entry point of `pycturestream`: registers the commands and turns errors into one line."""

import sys

import typer

from commands.errors import CommandError, UsageError
from commands.output import errors
from pycturestream.settings import SettingsError

app = typer.Typer(
    help="Camera pictures in; tracks, counts, alerts and sentences out.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def group() -> None:
    """Camera pictures in; tracks, counts, alerts and sentences out."""


def main() -> None:
    """Run one command. Exit status: 0 done, 1 failed, 2 wrong use, 130 ended by Ctrl-C."""
    arguments = sys.argv[1:] or ["--help"]
    try:
        status = app(arguments, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except UsageError as error:
        status = _say(str(error), 2)
    except (CommandError, SettingsError) as error:
        status = _say(str(error), 1)
    except typer.TyperException as error:
        status = _say(f"{error.format_message()} (see pycturestream --help)", error.exit_code)
    sys.exit(status or 0)


def _say(message: str, status: int) -> int:
    errors.print(f"error: {message}", soft_wrap=True, highlight=False, markup=False)
    return status


if __name__ == "__main__":
    main()
