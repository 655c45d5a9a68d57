"""Waits for what other processes do."""

import time
from collections.abc import Callable


def eventually(check: Callable[[], bool], *, timeout_s: float = 90.0) -> bool:
    """Return True once the check holds, and False after the timeout.

    It is long enough for a loaded machine: a test that passes never waits for it.
    """
    deadline = time.monotonic() + timeout_s
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
