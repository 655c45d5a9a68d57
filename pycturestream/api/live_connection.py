"""The connection of one live page: what it shows, and what it is sent of that.

Nothing is queued. Of each camera only the newest waits, whatever it is; how many pictures are under
way is known from the page, which says when it has drawn one.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Protocol

from msgspec import UNSET, Raw
from starlette.websockets import WebSocket, WebSocketDisconnect

from pycturestream.api.access import Caller
from pycturestream.api.eye_rate import Allowance
from pycturestream.api.sockets import SocketEndError, close_socket, until_one_ends
from pycturestream.application.live_view import LiveView
from pycturestream.clock import Clock
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.live_messages import (
    News,
    OfPicture,
    Watch,
    encode_to_page,
    read_page_message,
)
from pycturestream.contracts.live_pictures import LivePicture
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.live_picture import LiveSize
from pycturestream.domain.times import rfc3339

SEND_S = 10.0
"""How long one message may take to leave this computer; then the line is as good as lost."""
ALIVE_S = 3.0
"""How often a page hears from the server, whether or not there is something to say."""
FAR_S = 2.0
"""How often a page hears what is in view of cameras that it does not show at the moment: whoever
has the list read to them gets to them before they are drawn."""
UNDER_WAY_OF_CAMERA = 2
"""Pictures of one camera that the page has not drawn yet: one is drawn, one is on its way."""
UNDER_WAY = 12
"""The same of all cameras: on a slow line fewer pictures come, and none is old."""
LARGE_LIMIT = 4
"""Cameras in large pictures: further ones are sent small ones."""
MESSAGES_AT_ONCE, MESSAGES_A_SECOND = 80, 40
"""Twice what a page sends: it sums up what it has drawn twenty times a second."""


class CloseCode(IntEnum):
    """Why the server closes a connection."""

    TRY_LATER = 1013
    BAD_MESSAGE = 4400
    NO_TOKEN = 4401
    FAR_TOO_FAST = 4429


class LiveContext(Protocol):
    """What a connection needs of the hub around it."""

    view: LiveView
    clock: Clock

    @property
    def is_connected(self) -> bool: ...
    def follow_wanted(self) -> None: ...


def may_show(caller: Caller, camera_id: str) -> bool:
    """Whether a caller may see a camera: a phone of the seeing aid only if the token names it."""
    token = caller.token
    return camera_id in token.cameras if is_eye_camera(camera_id) else token.covers(camera_id)


class LiveConnection:
    """One page. Only the event loop uses it."""

    def __init__(self, websocket: WebSocket, context: LiveContext, caller: Caller) -> None:
        self._websocket = websocket
        self._context = context
        self.caller = caller
        now_s = context.clock.seconds()
        self._messages = Allowance(MESSAGES_AT_ONCE, MESSAGES_A_SECOND, now_s)
        self._watched: Mapping[str, LiveSize] = {}
        self._is_paused = False
        self._order: tuple[str, ...] | None = None
        """The cameras as the page has them; None: it has none yet."""
        self._cameras: set[str] = set()
        self._frames: set[str] = set()
        """Cameras that are others for the page than it knows, and those with a newer frame."""
        self._pictures: dict[str, LivePicture] = {}
        """The newest of each camera, in the order in which their turns come."""
        self._under_way: Counter[str] = Counter()
        self._sent_at_s = self._far_at_s = 0.0
        self._has_work = asyncio.Event()
        self._ending: asyncio.Future[SocketEndError] = asyncio.get_running_loop().create_future()

    @property
    def pictures_wanted(self) -> Mapping[str, LiveSize]:
        """The size of the pictures of each camera that is in view; phones are never asked for."""
        if self._is_paused:
            return {}
        return {name: size for name, size in self._watched.items() if not is_eye_camera(name)}

    async def run(self) -> None:
        """Serve the page until either side ends the connection."""
        try:
            await until_one_ends(self._receive_all(), self._send_all(), self._await_end())
        except SocketEndError as error:
            await close_socket(self._websocket, error.code, error.reason, SEND_S)
        except (WebSocketDisconnect, OSError):
            pass  # the page was closed

    def end(self, code: CloseCode, reason: str) -> None:
        """Close the connection soon."""
        if not self._ending.done():
            self._ending.set_result(SocketEndError(code, reason))

    def note(self, cameras: Iterable[str], frames: Iterable[str]) -> None:
        """Take note of cameras that have changed, and of those with a newer frame."""
        self._cameras.update(name for name in cameras if may_show(self.caller, name))
        self._frames.update(name for name in frames if may_show(self.caller, name))
        # It is also time to say that the server is still there, and what cameras out of view show.
        self._has_work.set()

    def offer(self, picture: LivePicture) -> None:
        """Take a picture, instead of an older one that waits."""
        header = picture.header
        if self.pictures_wanted.get(header.camera_id) == header.size:
            self._pictures[header.camera_id] = picture
            self._has_work.set()

    async def _receive_all(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            if not self._messages.take(self._context.clock.seconds()):
                raise SocketEndError(CloseCode.FAR_TOO_FAST, "too many messages")
            self._obey(message)

    def _obey(self, message: Mapping[str, Any]) -> None:
        try:
            read = read_page_message(message.get("text") or "")
        except CodecError as error:
            raise SocketEndError(CloseCode.BAD_MESSAGE, "a message can't be read") from error
        if isinstance(read, Watch):
            self._watch(read)
        else:
            self._under_way.subtract(read.cameras)
            self._under_way = +self._under_way
        self._has_work.set()

    def _watch(self, watch: Watch) -> None:
        before, was_paused = self._watched, self._is_paused
        allowed = {
            name: size for name, size in watch.cameras.items() if may_show(self.caller, name)
        }
        large = [name for name, size in allowed.items() if size == "large"]
        self._watched = allowed | dict.fromkeys(large[LARGE_LIMIT:], "small")
        self._is_paused = watch.paused
        wanted = self.pictures_wanted
        self._pictures = {
            name: picture
            for name, picture in self._pictures.items()
            if wanted.get(name) == picture.header.size
        }
        self._frames.update(self._watched if was_paused else self._watched.keys() - before.keys())
        self._context.follow_wanted()

    async def _send_all(self) -> None:
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            while messages := self._next():
                try:
                    async with asyncio.timeout(SEND_S):
                        for message in messages:
                            await self._send(message)
                except TimeoutError as error:
                    raise SocketEndError(CloseCode.TRY_LATER, "the line is too slow") from error

    async def _send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._websocket.send_bytes(message)
        else:
            await self._websocket.send_text(message)

    def _next(self) -> list[str | bytes]:
        """Return what is sent next, in one go; nothing where there is nothing to say."""
        if (news := self._news()) is not None:
            return [encode_to_page(news)]
        if self._under_way.total() >= UNDER_WAY:
            return []
        for camera_id in self._pictures:
            if self._under_way[camera_id] < UNDER_WAY_OF_CAMERA:
                picture = self._pictures.pop(camera_id)
                self._under_way[camera_id] += 1
                frame = self._context.view.frame(camera_id, picture.header.frame_id)
                of_picture = [encode_to_page(OfPicture(Raw(frame)))] if frame else []
                return [*of_picture, picture.data]
        return []

    def _news(self) -> News | None:
        """Return what the page does not know yet; None where that can wait."""
        now_s, view = self._context.clock.seconds(), self._context.view
        is_time = now_s - self._sent_at_s >= ALIVE_S or self._order is None
        cameras: list[str] = []
        frames: list[str] = []
        order = self._order
        if not self._is_paused or self._order is None:
            order = tuple(name for name in view.camera_ids if may_show(self.caller, name))
            if self._order is None:
                self._cameras, self._frames = set(order), set(order)
            is_far_time = now_s - self._far_at_s >= FAR_S or self._order is None
            if is_far_time:
                self._far_at_s = now_s
            cameras = sorted(self._cameras)
            frames = [name for name in self._frames if is_far_time or name in self._watched]
            self._cameras.clear()
            self._frames.difference_update(frames)
        is_other = order != self._order
        if not (is_time or is_other or cameras or frames):
            return None
        self._order, self._sent_at_s = order, now_s
        return News(
            now=rfc3339(self._context.clock.now()),
            is_complete=view.is_complete,
            is_connected=self._context.is_connected,
            order=(order or ()) if is_other else UNSET,
            cameras=_raw(map(view.camera, cameras)),
            frames=_raw(map(view.newest_frame, frames)),
        )

    async def _await_end(self) -> None:
        raise await self._ending


def _raw(encoded: Iterable[bytes | None]) -> list[Raw]:
    return [Raw(each) for each in encoded if each is not None]
