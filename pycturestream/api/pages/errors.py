"""Errors as pages, for browsers that ask for one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from pycturestream.api.access import find_caller
from pycturestream.api.headers import is_page_path
from pycturestream.api.pages.shell import page

TITLES: Final[Mapping[int, str]] = {
    403: "This is not allowed",
    404: "There is nothing here",
    405: "That can't be done here",
    422: "The address can't be used",
    503: "Not available right now",
}
"""Of the pages, by status; others have failed."""


def page_of_error(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None
) -> HTMLResponse | None:
    """Return a page that says what is wrong and what to do; None for who asks for no page."""
    if not (is_page_path(request.url.path) and "text/html" in request.headers.get("accept", "")):
        return None
    if detail == HTTPStatus.NOT_FOUND.phrase:  # of no route
        detail = "no page has this address"
    response = page(
        "error.html",
        find_caller(request),
        status,
        problem_status=status,
        title=TITLES.get(status, "Something failed"),
        detail=f"{detail[:1].upper()}{detail[1:]}.",
    )
    response.headers.update(headers or {})
    return response
