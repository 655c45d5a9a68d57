"""The channels of live pictures in Redis: both ends of them."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import redis

from pycturestream.config.settings import Settings
from pycturestream.contracts.live_pictures import (
    REQUESTS,
    LivePictureHeader,
    encode_live_picture,
    encode_request,
    picture_channel,
)
from pycturestream.domain.frames.live_picture import PictureSize
from pycturestream.stores.redis_client import connect

Wanted = Mapping[str, Collection[PictureSize]]
"""The sizes in which cameras are wanted, by camera id."""


class LiveSubscription:
    """What comes on some channels, which may be others at each reading. For one thread."""

    def __init__(self, subscription: redis.client.PubSub) -> None:
        self._subscription = subscription
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
        """Return the next message; None where none came in time, or something else."""
        message = self._subscription.get_message(ignore_subscribe_messages=True, timeout=wait_s)
        return message["data"] if message and isinstance(message["data"], bytes) else None


class LivePictureChannels:
    """One connection to publish with, and one for each subscription.

    Lets redis.RedisError through.
    """

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)

    def publish(self, header: LivePictureHeader, jpeg: bytes) -> None:
        """Publish a picture to those who listen at this moment."""
        channel = picture_channel(header.camera_id, header.size)
        self._client.publish(channel, encode_live_picture(header, jpeg))

    def request(self, cameras: Wanted) -> None:
        """Ask for pictures."""
        self._client.publish(REQUESTS, encode_request(cameras))

    @contextmanager
    def subscription(self) -> Iterator[LiveSubscription]:
        with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
            yield LiveSubscription(subscription)

    def close(self) -> None:
        self._client.close()
