"""Live pictures through Redis: who wants them, and who hears of that."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Protocol

from pycturestream.application.redis_thread import TICK_S, RedisThread
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.live_pictures import (
    REQUESTS,
    LivePicture,
    decode_live_picture,
    decode_request,
    picture_channel,
)
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.live_picture import REPEATED_MS, LiveSize
from pycturestream.stores.live_pictures import LivePictureChannels, LiveSubscription, Wanted

_CHANGE_S = 0.2
"""How long it takes to notice that something else is wanted."""

GetWanted = Callable[[], Wanted]
"""Returns what the open pages of this process show. Called several times a second, in another
thread, and so returns at once what it has; each call may return the same mapping, or another."""
ShowPicture = Callable[[LivePicture], None]
"""Takes a picture, in another thread; returns at once, and drops what it can't pass on."""
Request = Callable[[Mapping[str, Sequence[LiveSize]]], None]
"""Takes what somebody looks at, in another thread."""


class LivePictures(Protocol):
    """Where live pictures come from."""

    @property
    def is_connected(self) -> bool:
        """Whether pictures can come; false while Redis is away, and before the first request."""
        ...

    def start(self, wanted: GetWanted, show: ShowPicture) -> None:
        """Begin to ask for what is wanted, and to hand on, in any thread, what comes of it."""
        ...


class RedisLivePictures:
    """One subscription for all pages of a process, renewed when Redis comes back.

    Pictures of phones of the seeing aid are not asked for, whatever is wanted.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = RedisThread("the live page")
        self._rejected = RejectedRecords("live pictures")

    @property
    def is_connected(self) -> bool:
        return self._thread.is_connected

    def start(self, wanted: GetWanted, show: ShowPicture) -> None:
        def read() -> None:
            with (
                closing(LivePictureChannels(self._settings)) as channels,
                channels.subscription() as subscription,
            ):
                self._read(channels, subscription, wanted, show)

        self._thread.start(read)

    def close(self) -> None:
        self._thread.close()

    def _read(
        self,
        channels: LivePictureChannels,
        subscription: LiveSubscription,
        wanted: GetWanted,
        show: ShowPicture,
    ) -> None:
        requested: Wanted = {}
        repeat_at = 0.0
        while not self._thread.is_stopped:
            now = time.monotonic()
            cameras = {name: sizes for name, sizes in wanted().items() if not is_eye_camera(name)}
            if cameras != requested or (cameras and now >= repeat_at):
                names = (picture_channel(name, size) for name in cameras for size in cameras[name])
                subscription.set_channels(list(names))
                channels.request(cameras)
                self._thread.is_connected = True
                requested, repeat_at = cameras, now + REPEATED_MS / 1000
            if (data := subscription.read(_CHANGE_S)) is not None:
                try:
                    picture = decode_live_picture(data)
                except CodecError as error:
                    self._rejected.report("a channel of Redis", error)
                    continue
                show(picture)


class LivePictureRequests:
    """Hears what all pages of all processes ask for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = RedisThread("the picture service")
        self._rejected = RejectedRecords("requests")

    def start(self, request: Request) -> None:
        def read() -> None:
            with (
                closing(LivePictureChannels(self._settings)) as channels,
                channels.subscription() as subscription,
            ):
                self._read(subscription, request)

        self._thread.start(read)

    def close(self) -> None:
        self._thread.close()

    def _read(self, subscription: LiveSubscription, request: Request) -> None:
        subscription.set_channels([REQUESTS])
        while not self._thread.is_stopped:
            data = subscription.read(TICK_S)
            self._thread.is_connected = True
            if data is not None:
                try:
                    cameras = decode_request(data).cameras
                except CodecError as error:
                    self._rejected.report(f"the channel {REQUESTS}", error)
                    continue
                request(cameras)
