"""What all pages have around them: the head, the navigation, and the way to the sign-in page."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pycturestream.api.access import Caller, find_caller
from pycturestream.api.pages.asset_files import module, versioned_path

SIGN_IN_PATH: Final = "/sign-in"
NAVIGATION: Final = {"/live": "Live", "/search": "Search", "/report": "Report"}


class SignInNeededError(Exception):
    """A page was asked for without a valid token; the argument is the path to come back to."""


def page_caller(request: Request) -> Caller:
    """Return who asks for a page. Raises SignInNeededError, which leads to the sign-in page."""
    caller = find_caller(request)
    if caller is None:
        query = f"?{request.url.query}" if request.url.query else ""
        raise SignInNeededError(request.url.path + query)
    return caller


def to_sign_in(_request: Request, error: Exception) -> RedirectResponse:
    """Lead to the sign-in page, and from there back."""
    return RedirectResponse(f"{SIGN_IN_PATH}?next={quote(str(error), safe='/')}", 303)


def page(name: str, caller: Caller | None, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page from a template; `caller` is None where nobody has signed in."""
    content = rendered(
        name, values, caller=caller, navigation=NAVIGATION, assets=versioned_path(), module=module
    )
    return HTMLResponse(content, status)


def rendered(name: str, values: Mapping[str, Any], **more: Any) -> str:
    """Return what a template makes of these values, with everything in them escaped."""
    return _TEMPLATES.get_template(name).render(values, **more)


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("pycturestream.api.pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
