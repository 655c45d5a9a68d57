"""A subscription to channels of Redis that notices when Redis says nothing any more."""

import time
from collections.abc import Callable
from typing import Any, Final

import redis

PING_S: Final = 5.0
"""How often a subscription asks whether Redis is still there."""
SILENT_S: Final = 10.0
"""So long it waits for any answer."""


class CheckedSubscription:
    """Reads a subscription. For one thread.

    Without being asked, nobody hears of a machine that has lost its power: the connection stays,
    and nothing ever comes again.
    """

    def __init__(
        self, subscription: redis.client.PubSub, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`seconds` is a clock that never jumps."""
        self._subscription = subscription
        self._seconds = seconds
        self._ping_at = 0.0
        self._pinged_at: float | None = None
        """When Redis was asked whether it is there, if nothing has come since."""

    def read(self, wait_s: float) -> dict[str, Any] | None:
        """Return the next message; None where none came in time, or something else.

        Raises redis.TimeoutError where Redis says nothing any more.
        """
        if self._subscription.subscribed:
            self._ask()
        message = self._subscription.get_message(ignore_subscribe_messages=True, timeout=wait_s)
        if message or not self._subscription.subscribed:
            self._pinged_at = None
        elif self._pinged_at is not None and self._seconds() - self._pinged_at >= SILENT_S:
            raise redis.TimeoutError("Redis does not answer")
        return message if message and message["type"] in {"message", "pmessage"} else None

    def _ask(self) -> None:
        now = self._seconds()
        if self._pinged_at is None and now >= self._ping_at:
            self._subscription.ping()
            self._pinged_at, self._ping_at = now, now + PING_S
