"""Asks the picture service for live pictures, and hands them on as they come."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Protocol

from redis import RedisError

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.live_pictures import LivePicture, decode_live_picture, picture_channel
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.live_picture import REPEATED_MS
from pycturestream.logging_setup import get_logger
from pycturestream.stores.live_pictures import LivePictureChannels, LiveSubscription, Wanted

_log = get_logger(__name__)
_RETRY_S = 1.0
_TICK_S = 0.2
"""How long it takes to notice that something else is wanted, or that the thread is to end."""

GetWanted = Callable[[], Wanted]
"""Returns what the open pages of this process show. Called several times a second, in another
thread, and so returns at once what it has; each call may return the same mapping, or another."""
ShowPicture = Callable[[LivePicture], None]
"""Takes a picture, in another thread; returns at once, and drops what it can't pass on."""


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
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._rejected = RejectedRecords("live pictures")
        self.is_connected = False

    def start(self, wanted: GetWanted, show: ShowPicture) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._follow, args=(wanted, show), name="live pictures", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(5 * _TICK_S)

    def _follow(self, wanted: GetWanted, show: ShowPicture) -> None:
        is_known_away = False
        while not self._stop.is_set():
            try:
                with (
                    closing(LivePictureChannels(self._settings)) as channels,
                    channels.subscription() as subscription,
                ):
                    self._read(channels, subscription, wanted, show)
            except RedisError as error:
                if not is_known_away:
                    _log.warning(f"live pictures wait for Redis: {type(error).__name__}")
            except Exception:  # noqa: BLE001 - pages would never show a picture again
                _log.exception("live pictures lost their subscription; it is made again")
            # It was away before if it was not back for a moment since.
            is_known_away, self.is_connected = not self.is_connected, False
            self._stop.wait(_RETRY_S)

    def _read(
        self,
        channels: LivePictureChannels,
        subscription: LiveSubscription,
        wanted: GetWanted,
        show: ShowPicture,
    ) -> None:
        requested: Wanted = {}
        repeat_at = 0.0
        while not self._stop.is_set():
            now = time.monotonic()
            cameras = {name: sizes for name, sizes in wanted().items() if not is_eye_camera(name)}
            if cameras != requested or (cameras and now >= repeat_at):
                names = (picture_channel(name, size) for name in cameras for size in cameras[name])
                subscription.set_channels(list(names))
                channels.request(cameras)
                self.is_connected = True
                requested, repeat_at = cameras, now + REPEATED_MS / 1000
            if (data := subscription.read(_TICK_S)) is not None:
                try:
                    picture = decode_live_picture(data)
                except CodecError as error:
                    self._rejected.report("live pictures", error)
                    continue
                show(picture)
