"""The HTTP application: the API under /api, the pages behind the links in mails, and no pictures.

It serves no interactive documentation: that would load scripts from elsewhere. /openapi.json is
what tools need.
"""

from collections.abc import Callable

from fastapi import FastAPI

from pycturestream.times import Millis
from web import alert_api, report_api, silence_api
from web.access import Office
from web.desk import Desk
from web.headers import Guarded
from web.link_pages import link_pages
from web.links import Links
from web.post_room import PostRoom
from web.problems import add_problems, responses
from web.recipient_api import recipient_paths
from web.tokens import Tokens


def application(
    desk: Desk,
    tokens: Tokens,
    links: Links,
    now: Callable[[], Millis],
    post_room: PostRoom | None = None,
) -> Guarded:
    """Return the application; all that it needs comes from outside.

    `post_room`: None where no recipients are known.
    """
    app = FastAPI(
        title="PyctureStream",
        version="1",
        summary="Alerts of cameras, and what people say of them.",
        docs_url=None,
        redoc_url=None,
    )
    add_problems(app)
    app.state.office = Office(desk, tokens, now)
    for router in (
        alert_api.router,
        silence_api.router,
        report_api.router,
        recipient_paths(post_room),
    ):
        app.include_router(router, responses=responses(401, 403, 422, 503))
    app.include_router(link_pages(desk, links, now))

    @app.get("/health", summary="Say that the application answers")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return Guarded(app)
