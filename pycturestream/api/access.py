"""Who makes a request: the holder of a token, and what it allows.

Programs send the token in a header, browsers in a cookie. Without one, an open application admits
this machine, and nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Final

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from pycturestream.api.tokens import Token, TokenError, TokenFileError, Tokens
from pycturestream.application.alerts import AlertService, AlertTarget, target_of
from pycturestream.domain.times import LATEST, Millis, parse_moment
from pycturestream.logging_setup import get_logger
from pycturestream.stores.search import Scope

Json = dict[str, Any]

_log = get_logger(__name__)
_SCHEME = HTTPBearer(
    auto_error=False, description="A token that `pycturestream tokens create` made."
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]

COOKIE: Final = "pycturestream_token"
"""Holds the token of who has signed in on the sign-in page."""
THIS_MACHINE: Final = Token(
    id="",
    name="this machine",
    digest="",
    cameras=(),
    read_only=False,
    created_at=0,
    expires_at=LATEST,
)
"""Of a browser on this machine, where the application is open to it."""
_OF_PROXIES: Final = frozenset({"forwarded", "via", "x-real-ip"})
"""Headers by which a proxy says that it hands a request on; so do those with X-Forwarded-."""
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class ApplicationContext:
    """What requests need; `app.state.context`."""

    service: AlertService
    tokens: Tokens
    now: Callable[[], Millis]
    is_open: bool = False
    """Whether this machine needs no token."""
    web_address: str = ""
    """Where browsers find the application, if a proxy hides it; empty if none does."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and when."""

    token: Token
    service: AlertService
    now: Millis

    @property
    def signs_out(self) -> bool:
        """Whether there is something to sign out of."""
        return self.token is not THIS_MACHINE

    def check_camera(self, camera_id: str) -> None:
        """Raise 403 where the token is for other cameras."""
        if not self.token.covers(camera_id):
            raise HTTPException(403, f"the token {self.token.name} is not for camera {camera_id}")

    def check_all_cameras(self) -> None:
        """Raise 403 where the token is for some cameras."""
        if self.token.cameras:
            raise HTTPException(
                403,
                f"the token {self.token.name} is for some cameras: "
                "this requires a token for all cameras",
            )

    def scope(self, camera: str | None, since: str | None, until: str | None) -> Scope:
        """Return what to search, within the cameras of the token. Raises 403 and 422."""
        if camera is not None:
            self.check_camera(camera)
        return Scope(
            camera_id=camera,
            since=self._moment(since),
            until=self._moment(until),
            cameras=self.token.cameras or None,
        )

    def alert(self, alert_id: str) -> Json:
        """Return an alert. Raises AlertNotFoundError and 403."""
        alert = self.service.alert(alert_id)
        self.check_camera(alert["camera_id"])
        return alert

    def target(self, alert_id: str) -> AlertTarget:
        """Return the alert that a command is about. Raises AlertNotFoundError and 403."""
        return target_of(self.alert(alert_id))

    def _moment(self, text: str | None) -> Millis | None:
        if text is None:
            return None
        try:
            return parse_moment(text, self.now)
        except ValueError as error:
            raise HTTPException(
                422, f"{text[:80]} is not a time: write 2h, 3d or RFC 3339"
            ) from error


def find_caller(connection: HTTPConnection) -> Caller | None:
    """Return the caller of a page or a socket, by its cookie; None without a valid token.

    A socket must also come from a page of this application: see `is_own_page`.
    """
    try:
        return _caller(connection, None)
    except HTTPException:
        return None


def is_own_page(connection: HTTPConnection) -> bool:
    """Whether a page of this application makes the request: browsers say whose page it is."""
    context: ApplicationContext = connection.app.state.context
    headers = connection.headers
    return is_same_origin(headers.get("origin", ""), headers.get("host", ""), context.web_address)


def require_own_page(request: Request) -> None:
    """Raise 403 for a change that another site has the browser make (CSRF)."""
    if not is_own_page(request):
        raise HTTPException(403, "a change must come from a page of this application")


def is_same_origin(origin: str, host: str, web_address: str) -> bool:
    """Whether a page of this application makes a request: browsers always say whose page it is.

    A proxy may hide the host that the browser asked for; then it is in the setting.
    """
    scheme, _, address = origin.partition("://")
    if scheme not in {"http", "https"}:
        return False
    return address == host or origin == web_address.rstrip("/")


def _reader(request: Request, credentials: _Credentials) -> Caller:
    """Return the caller; 401 without a valid token, 403 for a change that another site makes."""
    text = credentials.credentials if credentials else None
    caller = _caller(request, text)
    if text is None and request.method not in _SAFE_METHODS:
        require_own_page(request)
    return caller


def _caller(connection: HTTPConnection, text: str | None) -> Caller:
    """Return the caller, by the token of a header or by the cookie. Raises 401."""
    context: ApplicationContext = connection.app.state.context
    now = context.now()
    try:
        token = _token(context.tokens, text or connection.cookies.get(COOKIE), now)
    except HTTPException:
        # Browsers send a cookie to all ports of a machine: it may be that of another application.
        if text is not None or not context.is_open or not _is_this_machine(connection):
            raise
        token = THIS_MACHINE
    return Caller(token, context.service, now)


def _token(tokens: Tokens, text: str | None, now: Millis) -> Token:
    """Return the token with this text. Raises 401."""
    if text is None:
        raise _unauthorized("a token is needed: Authorization: Bearer …")
    try:
        return tokens.holder(text, now)
    except TokenFileError as error:
        _log.error(str(error))
        raise _unauthorized(
            "no token can be checked now: see the log of `pycturestream serve`"
        ) from error
    except TokenError as error:
        raise _unauthorized(str(error)) from error


def _is_this_machine(connection: HTTPConnection) -> bool:
    """Whether a program on this machine asks this machine by its own name.

    The name is checked too: another site may have its own name lead here (DNS rebinding). What a
    proxy hands on comes from elsewhere.
    """
    peer = connection.client.host if connection.client else ""
    name = connection.url.hostname or ""
    is_forwarded = any(
        header in _OF_PROXIES or header.startswith("x-forwarded-") for header in connection.headers
    )
    return not is_forwarded and _is_loopback(peer) and (name == "localhost" or _is_loopback(name))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


Reader = Annotated[Caller, Depends(_reader)]


def _writer(caller: Reader) -> Caller:
    """Return the caller of a change; 403 for a token that is for reading only."""
    if caller.token.read_only:
        raise HTTPException(403, f"the token {caller.token.name} is for reading only")
    return caller


Writer = Annotated[Caller, Depends(_writer)]


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})
