"""Keeps what concerns many records at once from filling the log."""

import time
from math import inf


class LogThrottle:
    """Lets a line through at most once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._passed_at = -inf

    def passes(self) -> bool:
        """Return whether a line may be logged now, which then counts as logged."""
        now = time.monotonic()
        if now - self._passed_at < self._seconds:
            return False
        self._passed_at = now
        return True
