"""The pages behind the links in emails: what will happen, a button, and what was done."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import parse_qs

import jinja2
from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from pycturestream.api.links import (
    BY_LINK,
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
from pycturestream.contracts.alerts import read_alert
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.alerts import wording
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.times import Millis, to_local
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language, text, texts
from pycturestream.languages.times import duration, moment
from pycturestream.languages.typography import unbroken

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
        language = DEFAULT_LANGUAGE
        try:
            action = links.read(token, now())
            language = action.language
            alert = _alert(service, action.alert_id)
            before = _command_before(action, service.commands(), now())
        except (LinkError, *STORE_ERRORS) as error:
            return _rejection(error, language)
        return _page(
            "confirm.html",
            200,
            language,
            action=action,
            silenced_for=duration(action.silence_ms, language),
            rows=_rows(action, alert),
            before=before,
        )

    @router.post(path)
    async def confirm(token: _Token, request: Request) -> HTMLResponse:
        language = DEFAULT_LANGUAGE
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        reason = " ".join(form.get("reason", [""])[0].split())[:REASON_LIMIT]
        try:
            action = links.read(token, now())
            language = action.language
            command = await run_in_threadpool(perform, action, service, now(), reason)
        except (LinkError, *STORE_ERRORS) as error:
            return _rejection(error, language)
        until = _when(command.until, action) if command.until else None
        return _page("done.html", 200, language, action=action, until=until)

    return router


def _alert(service: AlertService, alert_id: str) -> AlertRecord | None:
    """Return the alert, or None where it is no longer kept: the link works all the same."""
    try:
        return read_alert(service.alert(alert_id))
    except (AlertNotFoundError, CodecError):
        return None


def _rows(action: LinkedAction, alert: AlertRecord | None) -> list[tuple[str, str]]:
    """Return the names and values of what a link is about."""
    rows = {"mail-camera": action.camera_id, "mail-rule": action.rule}
    if alert:
        rows["page-raised"] = _when(alert.raised_at, action)
        if alert.cleared_at:
            rows["mail-ended"] = _when(alert.cleared_at, action)
        rows["page-details"] = wording.reason(alert, action.language, action.timezone)
    return [(text(action.language, name), value) for name, value in rows.items()]


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
    said = {"by": command.by.removesuffix(BY_LINK), "at": _when(command.at, action)}
    if command.until is None:
        return text(action.language, "page-before", said)
    return text(
        action.language, "page-before-until", {**said, "until": _when(command.until, action)}
    )


def _rejection(error: Exception, language: Language) -> HTMLResponse:
    match error:
        case LinkExpiredError():
            return _page("rejected.html", 410, error.language, title="rejected-expired", error="")
        case LinkError():
            return _page("rejected.html", 404, language, title="rejected-invalid", error="")
        case _:
            sentence = store_sentence(error)
            return _page("rejected.html", 503, language, title="rejected-failed", error=sentence)


def _page(name: str, status: int, language: Language, **values: Any) -> HTMLResponse:
    page = _PAGES.get_template(name).render(values, language=language, text=texts(language))
    return HTMLResponse(page, status, {"content-language": language})


def _when(at: Millis, action: LinkedAction) -> str:
    """Return a time to the minute, by the clock of whoever received the link."""
    return moment(to_local(at, action.timezone), action.language, "short")


_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("pycturestream.api"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
    finalize=unbroken,
)
