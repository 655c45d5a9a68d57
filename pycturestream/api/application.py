"""The HTTP application: the API under /api, pages, links in emails, the seeing aid.

What it hands out of pictures is blurred; the phones of the seeing aid send theirs through it.

It serves no interactive documentation, which would load scripts from elsewhere. Tools use
/openapi.json.
"""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI

from pycturestream.api import alert_api, report_api, silence_api
from pycturestream.api.access import ApplicationContext
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.api.eye_pages import eye_pages
from pycturestream.api.headers import Guarded
from pycturestream.api.link_pages import link_pages
from pycturestream.api.links import Links
from pycturestream.api.pages.asset_files import ASSETS_PATH, asset_files, versioned_path
from pycturestream.api.pages.errors import page_of_error
from pycturestream.api.pages.shell import SignInNeededError, to_sign_in
from pycturestream.api.pages.sign_in import sign_in_pages
from pycturestream.api.problems import add_problems, responses
from pycturestream.api.recipient_api import recipient_paths
from pycturestream.api.tokens import Tokens
from pycturestream.application.alerts import AlertService
from pycturestream.application.recipients import RecipientService
from pycturestream.domain.times import Millis


def application(
    service: AlertService,
    tokens: Tokens,
    links: Links,
    now: Callable[[], Millis],
    recipient_service: RecipientService | None = None,
    eye: EyeGateway | None = None,
    pages: Sequence[APIRouter] = (),
    *,
    is_open: bool = False,
    web_address: str = "",
) -> Guarded:
    """Return the application; all its parts are handed in.

    `recipient_service`: None where no recipients are configured. `eye`: None without the seeing
    aid. `pages`: the routes of the pages, and of what their scripts ask. `is_open`: this machine
    needs no token. `web_address`: where browsers find it behind a proxy.
    """
    app = FastAPI(
        title="PyctureStream",
        version="1",
        summary="Alerts of cameras, and commands about them.",
        docs_url=None,
        redoc_url=None,
        lifespan=(lambda _: eye.running()) if eye else None,
    )
    add_problems(app, page_of_error)
    app.state.context = ApplicationContext(service, tokens, now, is_open, web_address)
    for router in (
        alert_api.router,
        silence_api.router,
        report_api.router,
        recipient_paths(recipient_service),
    ):
        app.include_router(router, responses=responses(401, 403, 422, 503))
    app.include_router(link_pages(service, links, now))
    if eye:
        eye_pages(app, eye)
    app.include_router(sign_in_pages(tokens, now))
    for router in pages:
        app.include_router(router)
    app.add_exception_handler(SignInNeededError, to_sign_in)
    app.mount(versioned_path(), asset_files())
    app.mount(ASSETS_PATH, asset_files())

    @app.get("/health", summary="Check that the application responds")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return Guarded(app)
