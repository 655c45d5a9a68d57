"""Who makes a request: the holder of a bearer token, and what it allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pycturestream.api.tokens import Token, TokenError, TokenFileError, Tokens
from pycturestream.application.alerts import AlertService, AlertTarget, target_of
from pycturestream.domain.times import Millis, parse_moment
from pycturestream.logging_setup import get_logger
from pycturestream.stores.search import Scope

Json = dict[str, Any]

_log = get_logger(__name__)
_SCHEME = HTTPBearer(
    auto_error=False, description="A token that `pycturestream tokens create` made."
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]


@dataclass(frozen=True, slots=True)
class ApplicationContext:
    """What requests need; `app.state.context`."""

    service: AlertService
    tokens: Tokens
    now: Callable[[], Millis]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and when."""

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


def _reader(request: Request, credentials: _Credentials) -> Caller:
    """Return the caller; 401 without a valid token."""
    context: ApplicationContext = request.app.state.context
    now = context.now()
    if credentials is None:
        raise _unauthorized("a token is needed: Authorization: Bearer …")
    try:
        token = context.tokens.holder(credentials.credentials, now)
    except TokenFileError as error:
        _log.error(str(error))
        raise _unauthorized(
            "no token can be checked now: see the log of `pycturestream serve`"
        ) from error
    except TokenError as error:
        raise _unauthorized(str(error)) from error
    return Caller(token, context.service, now)


Reader = Annotated[Caller, Depends(_reader)]


def _writer(caller: Reader) -> Caller:
    """Return the caller of a change; 403 for a token that is for reading only."""
    if caller.token.read_only:
        raise HTTPException(403, f"the token {caller.token.name} is for reading only")
    return caller


Writer = Annotated[Caller, Depends(_writer)]


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})
