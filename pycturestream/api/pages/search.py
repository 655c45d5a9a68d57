"""The page on which pictures are searched; its script asks `/api/pictures`."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from pycturestream.api.access import Caller
from pycturestream.api.pages.shell import page, page_caller
from pycturestream.domain.geometry import SECTOR_CENTERS
from pycturestream.domain.search.moment import WEEKDAYS
from pycturestream.domain.search.words import LEVELS


def search_page() -> APIRouter:
    """Return the route of the page. What it searches for is in its address, which scripts read."""
    router = APIRouter(include_in_schema=False)

    @router.get("/search")
    def search(caller: Annotated[Caller, Depends(page_caller)]) -> HTMLResponse:
        return page("search.html", caller, sectors=SECTOR_CENTERS, levels=LEVELS, weekdays=WEEKDAYS)

    return router
