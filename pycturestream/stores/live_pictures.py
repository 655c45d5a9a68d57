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
from pycturestream.stores.checked_subscription import CheckedSubscription
from pycturestream.stores.redis_client import connect, reason

WRITE_TIMEOUT_MS: Final = 250
"""The archive's pictures wait meanwhile, and a live one is worth no more."""
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
        self._checked = CheckedSubscription(subscription, seconds)
        self._channels: set[str] = set()

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

        Raises redis.TimeoutError where Redis says nothing any more.
        """
        message = self._checked.read(wait_s)
        return message["data"] if message else None


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
