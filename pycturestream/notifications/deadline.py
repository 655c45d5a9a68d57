"""An end to an exchange with another side that is slow, byte by byte, for ever."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Deadline:
    """Ends an exchange after so many seconds, by shutting down its connection.

    A timeout of a socket does not: it begins anew with every byte.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False

    @contextmanager
    def of(self, connection: Callable[[], socket.socket | None]) -> Iterator[None]:
        """Shut the connection down if this block has not ended in time.

        `connection` returns the socket, which may be replaced when encryption begins; None where
        there is none yet, or no more.
        """

        def expire() -> None:
            self.expired = True
            with suppress(OSError):  # it has ended by itself
                if found := connection():
                    found.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self.seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
