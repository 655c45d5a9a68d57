"""Headers that make a browser trust a response as little as possible, and a size limit."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pycturestream.api.problems import problem

BODY_BYTE_LIMIT: Final = 16_384
"""The longest request carries a reason of a few sentences."""

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    # Pages load nothing and run nothing; their style sheet is inline.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The address of a linked page is a secret.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guarded:
    """Wraps an application: every response has the headers, and large requests are rejected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers:
            rejection = problem(411, "Content-Length required")
            await rejection(scope, receive, send_with_headers)
        elif not length.isdecimal() or int(length) > BODY_BYTE_LIMIT:
            rejection = problem(413, f"a request has at most {BODY_BYTE_LIMIT} bytes")
            await rejection(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)
