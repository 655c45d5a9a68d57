"""Headers that make a browser trust a response as little as possible, and a size limit."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pycturestream.api.problems import problem

BODY_BYTE_LIMIT: Final = 16_384
"""The longest request carries a reason of a few sentences."""
SETTINGS_BYTE_LIMIT: Final = 262_144
"""Of the paths that take a camera's settings, or a whole camera file."""

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

EYE_HEADERS: Final[Mapping[str, str]] = {
    **SECURITY_HEADERS,
    # The page of the seeing aid is an application: scripts, styles and pictures of its own, and the
    # gateway. Nothing from elsewhere, and nothing inline.
    "Content-Security-Policy": "default-src 'self'; connect-src 'self'; object-src 'none'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    # Asked for each time, and sent only if it has changed: a new version is used at once.
    "Cache-Control": "no-cache",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    # Without it a service worker is for what lies below its own folder, and not for /eye itself.
    "Service-Worker-Allowed": "/eye",
}

PAGE_HEADERS: Final[Mapping[str, str]] = {
    **SECURITY_HEADERS,
    # Scripts, styles, pictures and sockets of its own; a picture that a script was sent is a blob.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    # With no-referrer, browsers don't say either which site a form is from: `Origin: null`.
    "Referrer-Policy": "same-origin",
}
ASSET_HEADERS: Final[Mapping[str, str]] = {
    **PAGE_HEADERS,
    # Asked for each time, and sent only if it has changed: a new version is used at once.
    "Cache-Control": "no-cache",
}
VERSIONED_ASSET_HEADERS: Final[Mapping[str, str]] = {
    **ASSET_HEADERS,
    # What changes gets another address.
    "Cache-Control": "public, max-age=31536000, immutable",
}
VERSION_SIGN: Final = "v-"
"""Begins the part of an asset's address that changes with what is there."""


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
                MutableHeaders(scope=message).update(_headers_of(scope["path"], message["status"]))
            await send(message)

        headers = Headers(scope=scope)
        length, limit = headers.get("content-length", "0"), _body_limit_of(scope["path"])
        if "transfer-encoding" in headers:
            rejection = problem(411, "Content-Length required")
            await rejection(scope, receive, send_with_headers)
        elif not length.isdecimal() or int(length) > limit:
            rejection = problem(413, f"a request has at most {limit} bytes")
            await rejection(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def is_page_path(path: str) -> bool:
    """Whether a page is at the path, or nothing: no data, and no page without the shell."""
    return _headers_of(path) is PAGE_HEADERS


def first_part(path: str) -> str:
    """Return what a path begins with. Not every target of a request is a path: `OPTIONS *`."""
    return path.removeprefix("/").partition("/")[0]


def _body_limit_of(path: str) -> int:
    """Return how many bytes a request to a path may have."""
    match path.split("/"):
        case ["", "api", "cameras", _, "settings", *_]:
            return SETTINGS_BYTE_LIMIT
        case _:
            return BODY_BYTE_LIMIT


def _headers_of(path: str, status: int = HTTPStatus.OK) -> Mapping[str, str]:
    """Return the headers of a path by its first part."""
    match first_part(path):
        case "eye":
            return EYE_HEADERS
        case "assets":
            is_there = status < HTTPStatus.BAD_REQUEST
            if is_there and path.startswith(f"/assets/{VERSION_SIGN}"):
                return VERSIONED_ASSET_HEADERS
            return ASSET_HEADERS
        case "api" | "health" | "link" | "openapi.json":
            return SECURITY_HEADERS
        case _:
            return PAGE_HEADERS
