"""The channels of live pictures in Redis: both ends of them."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import redis

from pycturestream.config.settings import Settings
from pycturestream.contracts.live_pictures import (
    REQUESTS,
    LivePictureHeader,
    encode_live_picture,
    encode_request,
    picture_channel,
)
from pycturestream.domain.frames.live_picture import LiveSize
from pycturestream.stores.batch_writer import StoreUnavailable
from pycturestream.stores.redis_client import connect, reason

WRITE_TIMEOUT_MS: Final = 250
"""The archive's pictures wait meanwhile, and a live one is worth no more."""
PING_S: Final = 5.0
"""How often a subscription asks whether Redis is still there."""
SILENT_S: Final = 10.0
"""So long it waits for any answer, and then subscribes anew."""

Wanted = Mapping[str, Collection[LiveSize]]
"""The sizes in which cameras are wanted, by camera id."""


class LiveSubscription:
    """What comes on some channels, which may be others at each reading. For one thread."""

    def __init__(
        self,
        subscription: redis.client.PubSub,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subscription = subscription
        self._seconds = seconds
        self._channels: set[str] = set()
        self._ping_at = 0.0
        self._pinged_at: float | None = None
        """When Redis was asked whether it is there, if nothing has come since."""

    def set_channels(self, channels: Collection[str]) -> None:
        """Listen on these channels, and on no others any more."""
        wanted = set(channels)
        if added := wanted - self._channels:
            self._subscription.subscribe(*added)  # type: ignore[no-untyped-call]
        if removed := self._channels - wanted:
            self._subscription.unsubscribe(*removed)  # type: ignore[no-untyped-call]
        self._channels = wanted

    def read(self, wait_s: float) -> bytes | None:
        """Return the next message; None where none came in time, or something else.

        Raises redis.TimeoutError where Redis says nothing any more: without being asked, nobody
        hears of a machine that has lost its power.
        """
        if self._channels:
            self._ask()
        message = self._subscription.get_message(ignore_subscribe_messages=True, timeout=wait_s)
        if message or not self._channels:
            self._pinged_at = None
        elif self._pinged_at is not None and self._seconds() - self._pinged_at >= SILENT_S:
            raise redis.TimeoutError("Redis does not answer")
        return message["data"] if message and message["type"] == "message" else None

    def _ask(self) -> None:
        now = self._seconds()
        if self._pinged_at is None and now >= self._ping_at:
            self._subscription.ping()
            self._pinged_at, self._ping_at = now, now + PING_S


class LivePictureChannels:
    """Asks for pictures, and listens: one connection for each. Lets redis.RedisError through."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)

    def request(self, cameras: Wanted) -> None:
        """Ask for pictures of these cameras."""
        self._client.publish(REQUESTS, encode_request(cameras))

    @contextmanager
    def subscription(self) -> Iterator[LiveSubscription]:
        with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
            yield LiveSubscription(subscription)

    def close(self) -> None:
        self._client.close()


class LivePictureWriter:
    """Publishes pictures to those who listen at that moment; Redis keeps none."""

    def __init__(self, settings: Settings) -> None:
        """Return a writer, which connects when it is used."""
        wait_ms = min(WRITE_TIMEOUT_MS, settings.store_timeout_ms)
        self._client = connect(settings.model_copy(update={"store_timeout_ms": wait_ms}))

    def write(self, header: LivePictureHeader, jpeg: bytes) -> None:
        """Publish a picture. Raises StoreUnavailable where Redis does not take it at once."""
        channel = picture_channel(header.camera_id, header.size)
        try:
            self._client.publish(channel, encode_live_picture(header, jpeg))
        except redis.RedisError as error:
            raise StoreUnavailable(reason(error)) from error

    def close(self) -> None:
        self._client.close()
