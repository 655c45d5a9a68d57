"""The gateway of the seeing aid: pictures of phones to Kafka, and what is said about them back.

Everything happens in the event loop, and what waits for a server in threads of its own. A picture
is handed on and forgotten, and neither tokens nor anything that a picture shows is logged.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVarTuple

from starlette.websockets import WebSocket

from pycturestream.api.eye_connection import CloseCode, EyeConnection
from pycturestream.api.tokens import TokenFileError, Tokens
from pycturestream.application.eye_cameras import EyeCameras
from pycturestream.application.eye_ports import Pictures, Pushes
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import decode_in_view
from pycturestream.contracts.narrations import decode_narration
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.domain.frames.frame import Frame
from pycturestream.logging_setup import get_logger

Arguments = TypeVarTuple("Arguments")

_log = get_logger(__name__)

CHECK_S = 1.0
"""How often tokens are looked at: so long after being revoked one still works."""


class EyeGateway:
    """All phones of a process."""

    def __init__(
        self,
        tokens: Tokens,
        pictures: Pictures,
        pushes: Pushes,
        cameras: EyeCameras,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.tokens = tokens
        self.clock = clock
        self.settings = settings
        self._pictures = pictures
        self._pushes = pushes
        self._cameras = cameras
        self._open: dict[EyeConnection, None] = {}
        """The oldest first; those included that have not said who they are."""
        self._connections: dict[str, EyeConnection] = {}
        """Those that have, by camera: one for each token."""
        self._rejected = RejectedRecords("the pushes of the seeing aid")
        self._failure = ""
        self._check_now = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Check tokens and publish settings of cameras, until the context ends."""
        self._loop = asyncio.get_running_loop()
        checking = asyncio.create_task(self._keep_checking())
        try:
            yield
        finally:
            checking.cancel()
            with suppress(asyncio.CancelledError):
                await checking

    @property
    def connection_count(self) -> int:
        """How many phones are connected, those included that have not said who they are."""
        return len(self._open)

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one phone until it or the gateway ends the connection."""
        connection = EyeConnection(websocket, self)
        await websocket.accept()
        self._open[connection] = None
        try:
            if len(self._open) > self.settings.eye_connection_limit and not self._make_room():
                await connection.close(CloseCode.TRY_LATER, "too many phones: try again later")
            else:
                await connection.run()
        finally:
            self._open.pop(connection, None)
            if connection.token and self._connections.get(connection.camera_id) is connection:
                del self._connections[connection.camera_id]

    def _make_room(self) -> bool:
        """End the oldest connection that has not said who it is; return whether there was one.

        Not the newest: a phone says so at once, so nobody can keep phones out by saying nothing.
        """
        *others, _newest = self._open
        silent = next((other for other in others if other.token is None), None)
        if silent is None:
            return False
        del self._open[silent]
        silent.end(CloseCode.TRY_LATER, "too many phones: try again later")
        return True

    def admit(self, connection: EyeConnection) -> None:
        """Take a phone that has shown its token; an earlier one with the same token has to go."""
        before = self._connections.get(connection.camera_id)
        if before:
            before.end(CloseCode.USED_ELSEWHERE, "this token is used in another place")
        self._connections[connection.camera_id] = connection
        self._pushes.start(self._is_wanted, self._pushed)
        if not self._cameras.is_known(connection.camera_id):
            # The camera of a new token is published at once. Otherwise there is no hurry: a phone
            # that comes again and again must not have settings written each time.
            self._check_now.set()

    def why_unavailable(self, camera_id: str) -> str:
        """Return why no picture can be looked at now; empty if one can."""
        if not self._pushes.is_connected:
            return "results can't be received: Redis does not answer"
        if not self._cameras.is_known(camera_id):
            return "the settings of this phone are not published yet"
        return ""

    def publish(self, frame: Frame, connection: EyeConnection) -> None:
        """Send a picture on; the connection is told if it can't be delivered."""

        def failed() -> None:
            self._call(connection.undelivered, frame.captured_at)

        self._pictures.publish(frame, failed)

    async def _keep_checking(self) -> None:
        while True:
            self._check_now.clear()
            try:
                self._check()
            except TokenFileError as error:
                if str(error) != self._failure:
                    _log.error(str(error))
                self._failure = str(error)
            except Exception:  # noqa: BLE001 - or revoked tokens would work until the next start
                _log.exception("the tokens of the seeing aid were not checked; trying again")
            else:
                self._failure = ""
            with suppress(TimeoutError):
                await asyncio.wait_for(self._check_now.wait(), CHECK_S)

    def _check(self) -> None:
        """End what has no valid token any more, and have the cameras of the others published.

        Nothing is taken away while the file of tokens is missing.
        """
        if not self.tokens.exist:
            return
        now = self.clock.now()
        valid = frozenset(
            token.camera_id
            for token in self.tokens.all()
            if token.kind == "eye" and token.expires_at > now
        )
        for camera_id, connection in self._connections.items():
            if camera_id not in valid:
                connection.end(CloseCode.NO_TOKEN, "the token was revoked or has expired")
        chosen = {name: each.listener.verbosity for name, each in self._connections.items()}
        self._cameras.want(valid, chosen)

    def _is_wanted(self, camera_id: str) -> bool:
        return camera_id in self._connections

    def _pushed(self, channel: str, camera_id: str, data: bytes) -> None:
        self._call(self._hand_on, channel, camera_id, data)

    def _hand_on(self, channel: str, camera_id: str, data: bytes) -> None:
        connection = self._connections.get(camera_id)
        if connection is None:
            return
        try:
            if channel == topics.DETECTIONS:
                connection.look(decode_in_view(data))
            else:
                connection.hear(*decode_narration(data))
        except CodecError as error:
            self._rejected.report(channel, error)

    def _call(self, function: Callable[[*Arguments], None], *values: *Arguments) -> None:
        """Call a function in the event loop, from any thread; not any more once that has ended."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function, *values)
