"""Who asks: the holder of a bearer token, and what that one may see and do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pycturestream.api.tokens import Token, TokenError, Tokens
from pycturestream.application.alerts import AlertService
from pycturestream.domain.times import Millis, parse_moment
from pycturestream.stores.search import Scope

Json = dict[str, Any]

_SCHEME = HTTPBearer(
    auto_error=False, description="A token that `pycturestream tokens create` made."
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]


@dataclass(frozen=True, slots=True)
class ApplicationContext:
    """What requests are answered with; `app.state.context`."""

    service: AlertService
    tokens: Tokens
    now: Callable[[], Millis]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and when."""

    token: Token
    service: AlertService
    now: Millis

    def check_camera(self, camera_id: str) -> None:
        """Raise 403 where the token is for other cameras."""
        if not self.token.covers(camera_id):
            raise HTTPException(403, f"the token {self.token.name} is not for camera {camera_id}")

    def check_all_cameras(self) -> None:
        """Raise 403 where the token is for some cameras."""
        if self.token.cameras:
            raise HTTPException(
                403, f"the token {self.token.name} is for some cameras: this needs one for all"
            )

    def scope(self, camera: str | None, since: str | None, until: str | None) -> Scope:
        """Return what is asked for, of the cameras that the token is for. Raises 403 and 422."""
        if camera is not None:
            self.check_camera(camera)
        return Scope(
            camera_id=camera,
            since=self._moment(since),
            until=self._moment(until),
            cameras=self.token.cameras or None,
        )

    def alert(self, alert_id: str) -> Json:
        """Return an alert. Raises 404 and 403."""
        alert = self.service.alert(alert_id)
        if alert is None:
            raise HTTPException(404, f"there is no alert {alert_id}: GET /api/alerts lists them")
        self.check_camera(alert["camera_id"])
        return alert

    def _moment(self, text: str | None) -> Millis | None:
        try:
            return None if text is None else parse_moment(text, self.now)
        except ValueError as error:
            raise HTTPException(422, f"{text} is no time: write 2h, 3d or RFC 3339") from error


def _reader(request: Request, credentials: _Credentials) -> Caller:
    """Return who asks; 401 without a valid token."""
    context: ApplicationContext = request.app.state.context
    now = context.now()
    if credentials is None:
        raise _unknown("a token is needed: Authorization: Bearer …")
    try:
        token = context.tokens.holder(credentials.credentials, now)
    except TokenError as error:
        raise _unknown(str(error)) from error
    return Caller(token, context.service, now)


Reader = Annotated[Caller, Depends(_reader)]


def _writer(caller: Reader) -> Caller:
    """Return who wants to change something; 403 for a token that only reads."""
    if caller.token.read_only:
        raise HTTPException(403, f"the token {caller.token.name} is for reading only")
    return caller


Writer = Annotated[Caller, Depends(_writer)]


def _unknown(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})
