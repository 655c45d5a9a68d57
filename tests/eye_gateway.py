"""A gateway for the phone page, as far as the page can tell: its files, its socket, no detector.

It runs in a thread. Tests say how it answers, and read what came in.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any, Self

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

import pycturestream.api
from pycturestream.languages.phrases import things
from tests.waiting import eventually

PAGE_FOLDER = Path(pycturestream.api.__file__).parent / "eye"
TOKEN = "token-of-a-test"  # noqa: S105 - it opens this stand-in only
LABELS = ("person", "bicycle", "car", "bus", "dog", "cat", "bench", "chair", "cup", "laptop")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self'; object-src 'none'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Service-Worker-Allowed": "/eye",
}
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
GONE = (WebSocketDisconnect, RuntimeError)
"""What is raised where either side has closed the socket, perhaps with an answer on its way."""
READY = {"interval_ms": 100, "byte_limit": 200_000, "side_limit": 1280}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it came in: times in ms of the page's clock, bytes of a JPEG."""

    captured_at: int
    sent_at: int
    jpeg: bytes
    unanswered_before: int


@dataclass(slots=True)
class EyeGateway:
    """`answer` makes of a picture the messages that follow; None for none at all."""

    ready: dict[str, Any] = field(default_factory=lambda: dict(READY))
    delay_s: float = 0.0
    answer: Callable[[Picture], list[dict[str, Any]] | None] = lambda picture: [seen(picture)]
    asked: Callable[[str, int], list[dict[str, Any]]] = lambda _what, _captured_at: []
    closing_with: int = 0
    """Where it isn't zero, each connection is closed with this code after its hello."""
    pictures: list[Picture] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    version: str = ""
    """Where it isn't empty, the service worker says that it is of this version."""
    port: int = 0
    _sockets: set[WebSocket] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        routes = [
            Route("/eye", self._page),
            Route("/eye/labels/{language}", self._labels),
            WebSocketRoute("/eye/socket", self._socket),
            Route("/eye/{path:path}", self._page),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="critical", ws="websockets-sansio", lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(listening,))
        self._thread.start()
        assert eventually(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/eye"

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    def say(self, text: str, *, age_ms: int = 0, **fields: Any) -> None:
        captured_at = int(time() * 1000) - age_ms
        self._send(sentence(text, captured_at, **fields))

    def close(self, code: int) -> None:
        for each in list(self._sockets):
            self._run(each.close(code))

    def reset(self) -> None:
        """Forget what came in, and answer as at first."""
        fresh = EyeGateway()
        for name in ("ready", "delay_s", "answer", "asked", "closing_with", "version"):
            setattr(self, name, getattr(fresh, name))
        self.pictures.clear()
        self.messages.clear()

    def _send(self, message: dict[str, Any]) -> None:
        for each in list(self._sockets):
            self._run(each.send_json(message))

    def _run(self, action: Coroutine[Any, Any, None]) -> None:
        with suppress(*GONE):
            asyncio.run_coroutine_threadsafe(action, self._loop).result(timeout=60)

    def _serve(self, listening: socket.socket) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve([listening])

        with listening:
            asyncio.run(serve())

    async def _page(self, request: Request) -> Response:
        path = PAGE_FOLDER / request.path_params.get("path", "index.html")
        if not path.is_file():
            return Response(status_code=404)
        if path.name != "service-worker.js":
            return FileResponse(path, media_type=TYPES.get(path.suffix), headers=HEADERS)
        script = path.read_text()
        if self.version:
            script = script.replace("const VERSION = ", f'const VERSION = "{self.version}" || ')
        return Response(script, media_type="text/javascript", headers=HEADERS)

    async def _labels(self, request: Request) -> Response:
        language = request.path_params["language"]
        words = {label: things(label, 1, language).split(maxsplit=1)[1] for label in LABELS}
        labels = [{"label": label, "word": word} for label, word in words.items()]
        return JSONResponse(sorted(labels, key=lambda each: each["word"]), headers=HEADERS)

    async def _socket(self, websocket: WebSocket) -> None:
        await websocket.accept()
        hello = await websocket.receive_json()
        self.messages.append(hello)
        if self.closing_with or hello["token"] != TOKEN:
            await websocket.close(self.closing_with or 4401)
            return
        await websocket.send_json(
            {"type": "ready", "expires_at": "2999-01-01T00:00:00Z"} | self.ready
        )
        self._sockets.add(websocket)
        try:
            await self._talk(websocket)
        except GONE:
            pass
        finally:
            self._sockets.discard(websocket)

    async def _talk(self, websocket: WebSocket) -> None:
        unanswered: list[Picture] = []
        answering: set[asyncio.Task[None]] = set()

        async def answer(picture: Picture) -> None:
            await asyncio.sleep(self.delay_s)
            answers = self.answer(picture)
            if answers is not None:
                unanswered.remove(picture)
            with suppress(*GONE):
                for message in answers or ():
                    await websocket.send_json(message)

        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") is not None:
                content = msgspec.json.decode(message["text"])
                self.messages.append(content)
                if content["type"] == "ask":
                    newest = self.pictures[-1].captured_at
                    for each in self.asked(content["what"], newest):
                        await websocket.send_json(each)
                continue
            data = message["bytes"]
            times = (int.from_bytes(data[start : start + 8]) for start in (0, 8))
            picture = Picture(*times, data[16:], len(unanswered))
            self.pictures.append(picture)
            unanswered.append(picture)
            task = asyncio.create_task(answer(picture))
            answering.add(task)
            task.add_done_callback(answering.discard)


def seen(picture: Picture) -> dict[str, Any]:
    return {"type": "seen", "captured_at": picture.captured_at}


def refused(picture: Picture, reason: str) -> dict[str, Any]:
    times = {"captured_at": picture.captured_at}
    return {"type": "refused", "reason": reason, "text": "for a log"} | times


def sentence(text: str, captured_at: int, **fields: Any) -> dict[str, Any]:
    defaults = {"language": "en", "priority": 0, "kind": "groups", "answer": False}
    return {"type": "say", "text": text, "captured_at": captured_at} | defaults | fields
