"""The signals that ask a process to end, and how it responds to them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C and `kill`."""
END_SIGNALS = (*_INTERRUPTS, signal.SIGHUP)
"""Also a terminal window that is closed."""


@contextmanager
def until_interrupted() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C or SIGTERM sets; the second ends the process at once."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in _INTERRUPTS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def end(_number: int, _frame: FrameType | None) -> None:
        restore()
        # The main thread may hold the event's lock at this moment, and would wait for itself.
        threading.Thread(target=stop.set, name="stop").start()

    for number in _INTERRUPTS:
        signal.signal(number, end)
    try:
        yield stop
    finally:
        restore()


@contextmanager
def ends_as(handler: Any) -> Iterator[None]:
    """Handle every end signal with `handler` until the block ends."""
    before = {number: signal.signal(number, handler) for number in END_SIGNALS}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)
