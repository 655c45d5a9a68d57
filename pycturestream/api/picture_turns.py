"""Turns: blurring a picture takes a core for 50 to 80 ms, so pictures are made one after the other.

They are made in a thread of their own, so that no other request and no phone of the seeing aid
waits for one. Who asks waits for a turn, but not for long, and not behind too many.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pycturestream.errors import ServiceError

WAITING_LIMIT: Final = 48
"""Two pages of small pictures: more would wait for longer than people do."""
PATIENCE_S: Final = 10.0
RETRY_AFTER_S: Final = 2

Made = TypeVar("Made")


class BusyError(ServiceError):
    """Too many pictures are asked for at once; the message is one line."""

    def __init__(self) -> None:
        super().__init__("too many pictures are asked for at once: try again in some seconds")


class PictureTurns:
    """Lets one request at a time do its work, in one thread."""

    def __init__(self, waiting_limit: int = WAITING_LIMIT, patience_s: float = PATIENCE_S) -> None:
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._waiting_limit, self._patience_s = waiting_limit, patience_s

    async def run(
        self, work: Callable[[], Made], has_left: Callable[[], Awaitable[bool]]
    ) -> Made | None:
        """Return what `work` returns; None where whoever asked `has_left` before its turn.

        Raises BusyError, and whatever `work` raises.
        """
        if self._waiting >= self._waiting_limit:
            raise BusyError
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turn.acquire(), self._patience_s)
        except TimeoutError as error:
            raise BusyError from error
        finally:
            self._waiting -= 1
        try:
            if await has_left():
                return None
            # Not ended with the request: the next turn begins when the thread is free.
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._turn.release()

    def close(self) -> None:
        """Wait for the picture that is being made."""
        self._thread.shutdown(cancel_futures=True)
