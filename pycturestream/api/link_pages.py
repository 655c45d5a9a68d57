"""The pages behind the links in emails: what will happen, a button, and what was done."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import parse_qs

import jinja2
from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from pycturestream.api.links import (
    LINK_PATH,
    LinkedAction,
    LinkError,
    LinkExpiredError,
    Links,
    perform,
)
from pycturestream.api.models import REASON_LIMIT
from pycturestream.api.problems import STORE_ERRORS, store_sentence
from pycturestream.application.alerts import AlertNotFoundError, AlertService
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.times import Millis, rfc3339, span_in_words

_Token = Annotated[str, Path()]


def link_pages(service: AlertService, links: Links, now: Callable[[], Millis]) -> APIRouter:
    """Return the two routes of a link: GET shows, POST acts. Neither needs a token or a cookie.

    The address is the only secret, and no other site knows it, so no other site can make a
    browser post to it (CSRF).
    """
    router = APIRouter(include_in_schema=False)
    path = LINK_PATH + "{token}"

    @router.get(path)
    def show(token: _Token) -> HTMLResponse:
        try:
            action = links.read(token, now())
            alert = _alert(service, action.alert_id)
            before = _command_before(action, service.commands(), now())
        except (LinkError, *STORE_ERRORS) as error:
            return _rejection(error)
        return _page("confirm.html", 200, action=action, alert=alert, before=before)

    @router.post(path)
    async def confirm(token: _Token, request: Request) -> HTMLResponse:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        reason = " ".join(form.get("reason", [""])[0].split())[:REASON_LIMIT]
        try:
            action = links.read(token, now())
            command = await run_in_threadpool(perform, action, service, now(), reason)
        except (LinkError, *STORE_ERRORS) as error:
            return _rejection(error)
        until = _when(rfc3339(command.until)) if command.until else None
        return _page("done.html", 200, action=action, until=until)

    return router


def _alert(service: AlertService, alert_id: str) -> dict[str, Any] | None:
    """Return the alert, or None where it is no longer kept: the link works all the same."""
    try:
        return service.alert(alert_id)
    except AlertNotFoundError:
        return None


def _command_before(action: LinkedAction, known: AlertCommands, now: Millis) -> str | None:
    """Return a sentence on who has done the same before; None: nobody."""
    match action.command:
        case "acknowledge":
            command = known.acknowledged(action.alert_id)
        case "wrong":
            command = known.wrong(action.alert_id)
        case "silence":
            command = known.silence(action.camera_id, action.rule, now)
    if command is None:
        return None
    until = f", until {_when(rfc3339(command.until))}" if command.until else ""
    return f"{command.by} already did this on {_when(rfc3339(command.at))}{until}."


def _rejection(error: Exception) -> HTMLResponse:
    match error:
        case LinkExpiredError():
            return _page("rejected.html", 410, title="This link has expired", error=error)
        case LinkError():
            return _page("rejected.html", 404, title="This link is not valid", error=error)
        case _:
            sentence = store_sentence(error)
            return _page("rejected.html", 503, title="Nothing was changed", error=sentence)


def _page(name: str, status: int, **values: Any) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(name).render(values), status)


def _when(at: str) -> str:
    """Return an RFC 3339 time to the minute."""
    return f"{at[:10]} {at[11:16]} UTC"


_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("pycturestream.api"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_PAGES.filters |= {"when": _when, "span": span_in_words}
