"""A thread that reads from Redis, and begins anew when Redis comes back."""

import threading
from collections.abc import Callable
from typing import Final

from redis import RedisError

from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)
_RETRY_S = 1.0
TICK_S: Final = 0.5
"""How long a read may wait: so long it takes to notice that the thread is to end."""


class RedisThread:
    """Runs `read` until it is closed, again after each error."""

    def __init__(self, who: str) -> None:
        """`who` is what waits while Redis is away, for the log."""
        self._who = who
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.is_connected = False
        """Set by `read` when Redis has answered."""

    @property
    def is_stopped(self) -> bool:
        """Whether `read` is to return."""
        return self._stop.is_set()

    def start(self, read: Callable[[], None]) -> None:
        """Begin; a thread that runs already goes on with what it reads."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, args=(read,), name=self._who, daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End soon."""
        self._stop.set()

    def close(self) -> None:
        self.stop()
        if self._thread:
            self._thread.join(2 * TICK_S)

    def _run(self, read: Callable[[], None]) -> None:
        is_known_away = False
        while not self.is_stopped:
            try:
                read()
            except RedisError as error:
                if not is_known_away:
                    _log.warning(f"{self._who} waits for Redis: {type(error).__name__}")
            except Exception:  # noqa: BLE001 - nothing would ever come again
                _log.exception(f"{self._who} lost its subscription; it subscribes again")
            # It was away before if it was not back for a moment since.
            is_known_away, self.is_connected = not self.is_connected, False
            self._stop.wait(_RETRY_S)
