"""Ctrl-C and SIGTERM as an orderly end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def until_interrupted() -> Iterator[threading.Event]:
    """Yield an event that the first signal sets; the second one ends the process at once."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def end(_number: int, _frame: FrameType | None) -> None:
        restore()
        # The main thread may be inside of the event's lock just now, and would wait for itself.
        threading.Thread(target=stop.set, name="stop").start()

    for number in _SIGNALS:
        signal.signal(number, end)
    try:
        yield stop
    finally:
        restore()
