"""What asks a process to end, and how it takes that."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill`, and a terminal window that is closed."""


@contextmanager
def ends_as(handler: Any) -> Iterator[None]:
    """Let all that asks this process to end do the same."""
    before = {ending: signal.signal(ending, handler) for ending in END_SIGNALS}
    try:
        yield
    finally:
        for ending, handled in before.items():
            signal.signal(ending, handled)
