"""All live pages of a process: one subscription each to results, pictures and camera events.

Everything happens in the event loop, and what waits for a server in threads of its own. While no
page is open, neither results nor pictures are followed; camera events are, from the first page on.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket

from pycturestream.api.access import find_caller
from pycturestream.api.live_connection import SEND_S, CloseCode, LiveConnection
from pycturestream.api.sockets import close_socket
from pycturestream.application.live_pictures import LivePictures
from pycturestream.application.live_ports import CameraEvents, LiveResults
from pycturestream.application.live_view import LiveView
from pycturestream.clock import Clock
from pycturestream.contracts.live_pictures import LivePicture
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.live_picture import LiveSize
from pycturestream.logging_setup import get_logger

Json = dict[str, Any]
Sizes = Mapping[str, tuple[LiveSize, ...]]

_log = get_logger(__name__)

TICK_S = 0.2
"""How often pages are sent what is new: in one message, however many cameras it is about."""
CHECK_S = 1.0
"""How often tokens, settings and the health of cameras are looked at: so long after being revoked
a token still works."""
LINGER_S = 10.0
"""How long results are followed after the last page has gone: it may only have been reloaded."""
START_S = 3.0
"""How long results may take to come at first, before Redis is said to be away."""
PAGE_LIMIT = 200
"""Pages that one `serve` takes at once: far more than there are people to look."""
_EVENTS_WAITING = 10_000


class LiveHub:
    """All live pages of a process."""

    def __init__(
        self,
        results: LiveResults,
        pictures: LivePictures,
        events: CameraEvents,
        view: LiveView,
        clock: Clock,
    ) -> None:
        self.view = view
        self.clock = clock
        self._results = results
        self._pictures = pictures
        self._events = events
        self._came_events: deque[Json] = deque(maxlen=_EVENTS_WAITING)
        self._pages: dict[LiveConnection, WebSocket] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._began_at_s = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: Sizes = {}
        """Another mapping after each change: a thread reads it."""
        self._phones: frozenset[str] = frozenset()
        """Those of the seeing aid that the token of an open page names; a thread reads them."""

    @property
    def page_count(self) -> int:
        return len(self._pages)

    @property
    def is_connected(self) -> bool:
        """Whether results come, or soon will."""
        is_starting = self.clock.seconds() - self._began_at_s < START_S
        return self._results.is_connected or is_starting

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one page until it or the hub ends the connection."""
        await websocket.accept()  # a browser is told why only where it was accepted
        caller = find_caller(websocket)
        if caller is None:
            await close_socket(websocket, CloseCode.NO_TOKEN, "sign in first", SEND_S)
            return
        if len(self._pages) >= PAGE_LIMIT:
            await close_socket(websocket, CloseCode.TRY_LATER, "too many pages", SEND_S)
            return
        page = LiveConnection(websocket, self, caller)
        self._pages[page] = websocket
        try:
            self._begin()
            await page.run()
        finally:
            del self._pages[page]
            self.follow_wanted()

    def follow_wanted(self) -> None:
        """Ask for the pictures that the open pages show, and for no others.

        Not for cameras that nobody knows: a request is for so many cameras at most.
        """
        sizes: dict[str, set[LiveSize]] = {}
        for page in self._pages:
            for camera_id, size in page.pictures_wanted.items():
                if self.view.knows(camera_id):
                    sizes.setdefault(camera_id, set()).add(size)
        self._wanted = {camera_id: tuple(sorted(chosen)) for camera_id, chosen in sizes.items()}

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        named = (name for page in self._pages for name in page.caller.token.cameras)
        phones = frozenset(filter(is_eye_camera, named))
        if phones != self._phones:
            self._phones = phones
            self._results.read_again()
        self._results.start(self._is_wanted)
        self._events.start(self._came_events.append)
        self._pictures.start(lambda: self._wanted, self._show)
        if self._ticking is None or self._ticking.done():
            self._began_at_s = self.clock.seconds()
            self._ticking = asyncio.create_task(self._tick_on())

    def _is_wanted(self, camera_id: str) -> bool:
        return not is_eye_camera(camera_id) or camera_id in self._phones

    async def _tick_on(self) -> None:
        """Send what is new, until no page has been open for a while."""
        checked_at_s = 0.0
        left_at_s = self.clock.seconds()
        while True:
            now_s = self.clock.seconds()
            if self._pages:
                left_at_s = now_s
            elif now_s - left_at_s >= LINGER_S:
                break
            try:
                if now_s - checked_at_s >= CHECK_S:
                    checked_at_s = now_s
                    self._check()
                self._tick()
            except Exception:  # noqa: BLE001 - or no page would ever be sent anything again
                _log.exception("live pages were not brought up to date; trying again")
            await asyncio.sleep(TICK_S)
        self._results.stop()
        self._results.take()
        self.view.forget_results()

    def _check(self) -> None:
        """End the pages whose tokens are not valid any more, and let time pass."""
        for page, websocket in self._pages.items():
            caller = find_caller(websocket)
            if caller is None or caller.token != page.caller.token:
                page.end(CloseCode.NO_TOKEN, "the token was revoked or has expired")
        self.view.pass_time(self.clock.now(), is_connected=self._results.is_connected)

    def _tick(self) -> None:
        self.view.take(self._results.take())
        for _ in range(len(self._came_events)):
            self.view.hear(self._came_events.popleft())
        cameras, frames = self.view.take_changes()
        if cameras:
            self.follow_wanted()
        for page in self._pages:
            page.note(cameras, frames)

    def _show(self, picture: LivePicture) -> None:
        """Hand a picture on, from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._offer, picture)

    def _offer(self, picture: LivePicture) -> None:
        self.view.take(self._results.take())  # its detections came before it
        for page in self._pages:
            page.offer(picture)
