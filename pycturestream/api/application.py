"""The HTTP application: the API under /api, the pages behind the links in emails, the seeing aid.

It hands out no pictures; the phones of the seeing aid send theirs through it.

It serves no interactive documentation, which would load scripts from elsewhere. Tools use
/openapi.json.
"""

from collections.abc import Callable

from fastapi import FastAPI

from pycturestream.api import alert_api, report_api, silence_api
from pycturestream.api.access import ApplicationContext
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.api.eye_pages import eye_pages
from pycturestream.api.headers import Guarded
from pycturestream.api.link_pages import link_pages
from pycturestream.api.links import Links
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
) -> Guarded:
    """Return the application; all its parts are handed in.

    `recipient_service`: None where no recipients are configured. `eye`: None without the seeing
    aid.
    """
    app = FastAPI(
        title="PyctureStream",
        version="1",
        summary="Alerts of cameras, and commands about them.",
        docs_url=None,
        redoc_url=None,
        lifespan=(lambda _: eye.running()) if eye else None,
    )
    add_problems(app)
    app.state.context = ApplicationContext(service, tokens, now)
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

    @app.get("/health", summary="Check that the application responds")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return Guarded(app)
