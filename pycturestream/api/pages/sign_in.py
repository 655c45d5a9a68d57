"""Signing in: a token becomes a cookie, which scripts can't read and other sites can't use."""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from pycturestream.api.access import COOKIE, find_caller, require_own_page
from pycturestream.api.pages.shell import NAVIGATION, SIGN_IN_PATH, page
from pycturestream.api.tokens import TokenError, TokenFileError, Tokens
from pycturestream.domain.times import Millis
from pycturestream.logging_setup import get_logger

SIGN_OUT_PATH: Final = "/sign-out"
FIRST_PAGE: Final = next(iter(NAVIGATION))

_log = get_logger(__name__)


def sign_in_pages(tokens: Tokens, now: Callable[[], Millis]) -> APIRouter:
    """Return the routes to sign in and out, and `/`, which leads to the first page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def first() -> RedirectResponse:
        return RedirectResponse(FIRST_PAGE, 303)

    @router.get(SIGN_IN_PATH)
    def form(request: Request, next: str = FIRST_PAGE) -> Response:  # noqa: A002 - as in addresses
        if find_caller(request):
            return RedirectResponse(_own_path(next), 303)
        return page("sign_in.html", None, next=_own_path(next), problem="")

    @router.post(SIGN_IN_PATH)
    async def sign_in(request: Request) -> Response:
        require_own_page(request)
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        text = fields.get("token", [""])[0].strip()
        goal = _own_path(fields.get("next", [FIRST_PAGE])[0])
        at = now()
        try:
            token = tokens.holder(text, at)
        except TokenFileError as error:
            _log.error(str(error))
            problem = "No token can be checked now: see the log of `pycturestream serve`."
            return _rejected(goal, problem, 503)
        except TokenError as error:
            sentence = str(error)
            return _rejected(goal, f"{sentence[:1].upper()}{sentence[1:]}.", 401)
        response = RedirectResponse(goal, 303)
        response.set_cookie(
            COOKIE,
            text,
            max_age=(token.expires_at - at) // 1000,
            httponly=True,
            samesite="lax",  # a link in an email opens the page without signing in again
            # As the browser sees it: a proxy may have taken the TLS off.
            secure=request.headers["origin"].startswith("https://"),
        )
        return response

    @router.post(SIGN_OUT_PATH)
    def sign_out(request: Request) -> RedirectResponse:
        require_own_page(request)
        response = RedirectResponse(SIGN_IN_PATH, 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    return router


def _rejected(goal: str, problem: str, status: int) -> HTMLResponse:
    return page("sign_in.html", None, status, next=goal, problem=problem)


def _own_path(path: str) -> str:
    r"""Return the path if it is one of this application, else the first page.

    Browsers read `//host` and `/\host` as another site.
    """
    is_own = path.startswith("/") and path[1:2] not in {"/", "\\"} and path.isprintable()
    return path if is_own else FIRST_PAGE
