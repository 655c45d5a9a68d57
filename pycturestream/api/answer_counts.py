"""Counts what the application answers, for Prometheus."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pycturestream.api.headers import first_part

KINDS: Final[Mapping[str, str]] = {
    "api": "api",
    "openapi.json": "api",
    "health": "health",
    "link": "link",
    "eye": "eye",
    "assets": "asset",
}
"""By the first part of a path; all others are pages."""


class AnswerKind(NamedTuple):
    """What was asked for, and how it was answered: names that nobody outside can choose."""

    kind: str
    status: str
    """2xx, 3xx, 4xx or 5xx."""


class CountedAnswers:
    """Wraps an application, and counts its answers; not sockets, which stay open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counts: Counter[AnswerKind] = Counter()

    @property
    def counts(self) -> Mapping[AnswerKind, int]:
        """A copy: it may be asked for in another thread."""
        return dict(self._counts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = KINDS.get(first_part(scope["path"]), "page")
                self._counts[AnswerKind(kind, f"{message['status'] // 100}xx")] += 1
            await send(message)

        await self._app(scope, receive, send_counted if scope["type"] == "http" else send)
