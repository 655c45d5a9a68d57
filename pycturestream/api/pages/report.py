"""The report page: a form for its period and cameras, and the places that its script fills."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pycturestream.api.pages.shell import page, page_caller

REPORT_PATH = "/report"


def report_page() -> APIRouter:
    """Return the page's route; its script asks `/api/report`."""
    router = APIRouter(include_in_schema=False)

    @router.get(REPORT_PATH)
    def report(request: Request) -> HTMLResponse:
        caller = page_caller(request)
        return page("report.html", caller, may_mark=not caller.token.read_only)

    return router
