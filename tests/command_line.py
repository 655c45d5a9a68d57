"""Runs `pycturestream` in this process, as a user would."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from pycturestream.cli.main import main
from pycturestream.logging_setup import configure_logs


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    status: int
    output: str
    errors: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What `--json` printed."""
        return [msgspec.json.decode(line) for line in self.output.splitlines()]


CommandLine = Callable[..., Ended]


def command_line(monkeypatch: Any, capsys: Any) -> CommandLine:
    """Return a function that runs the command line with these arguments."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["pycturestream", *map(str, words)])
        umask = os.umask(0o077)
        try:
            main()
        except SystemExit as end:
            printed = capsys.readouterr()
            return Ended(int(end.code or 0), printed.out, printed.err)
        finally:
            os.umask(umask)
            configure_logs("text")  # a service's command logs to the standard output
        raise AssertionError("main returns only by sys.exit")

    return run
