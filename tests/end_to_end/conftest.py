"""The whole system: servers, jobs, and the command line as a user calls it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pycturestream.application.stack import start_stack
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.localstack.stack import stop_stack
from tests.conftest import own_environment

TIMEOUT_S = 180
SAMPLES = PROJECT_FOLDER / "samples"
CAMERAS = ("gate", "plaza", "street")
"""The sample cameras."""
WINDOW_MS = 10_000
"""Of counts and accounts: a test waits for the last one."""


@pytest.fixture(scope="module")
def short_accounting_windows() -> Iterator[None]:
    """Emit accounts after seconds: the test waits for the last window."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYCTURESTREAM_COUNT_WINDOW_MS", "5000")
        yield


@pytest.fixture(scope="module")
def system(module_settings: Settings) -> Iterator[Settings]:
    """A new system with its three jobs, which is stopped after the module."""
    started = start_stack(module_settings)
    yield module_settings
    stop_stack(module_settings, only=started)


@pytest.fixture(scope="package")
def shared_system() -> Iterator[Settings]:
    """The whole system of `make run`, without its sample cameras, which tests start and stop.

    Its windows are shorter than by default.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYCTURESTREAM_COUNT_WINDOW_MS", str(WINDOW_MS))
        with own_environment() as settings:
            started = start_stack(settings, pages=True, supervised=True)
            try:
                yield settings
            finally:
                stop_stack(settings, only=started)


def command(*arguments: str, timeout: float = TIMEOUT_S) -> list[dict[str, Any]]:
    """Run `pycturestream … --json` and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "pycturestream.cli.main", *arguments, "--json"],
        check=True,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def eventually(ask: Callable[[], Any], *, timeout_s: float = TIMEOUT_S) -> Any:
    """Return the first truthy answer; fail with the last one when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"still {answer!r} after {timeout_s} s"
        time.sleep(0.5)
    return answer
