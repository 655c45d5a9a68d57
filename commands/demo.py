"""`pycturestream demo`: the whole system on sample cameras, with a live table."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from commands.output import errors
from commands.stacking import stacking
from commands.up import progress, show_addresses
from commands.watch import watch
from pycturestream.settings import settings
from stack.launch import halt
from stack.local import start_stack, stop_stack
from stack.sample_cameras import SampleCameras

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill`, and a terminal window that is closed."""


def demo() -> None:
    """Start what does not run, stream the sample cameras, show what they see, until Ctrl-C.

    Ctrl-C stops what this command started; a stack that was up before stays up.

    Example: `pycturestream demo`
    """
    report = progress()
    with stacking(), _ends_as(signal.default_int_handler):
        started = start_stack(settings(), report, cameras=True)
        try:
            show_addresses()
            watch(None)
        except KeyboardInterrupt:
            errors.print("\nstopping what was started")
        finally:
            # A second, impatient Ctrl-C would leave servers behind.
            with _ends_as(signal.SIG_IGN):
                halt(SampleCameras(settings()), report)
                if started:
                    stop_stack(settings(), report, only=started)


@contextmanager
def _ends_as(handler: Any) -> Iterator[None]:
    """Let all that asks this process to end do the same."""
    before = {ending: signal.signal(ending, handler) for ending in ENDINGS}
    try:
        yield
    finally:
        for ending, handled in before.items():
            signal.signal(ending, handled)
