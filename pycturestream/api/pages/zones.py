"""The page on which zones, lines and masks are drawn: /cameras/{camera_id}/zones."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from pycturestream.api.access import Caller
from pycturestream.api.camera_settings_api import check_editable
from pycturestream.api.pages.shell import page, page_caller


def zones_page() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/cameras/{camera_id}/zones")
    def zones(caller: Annotated[Caller, Depends(page_caller)], camera_id: str) -> HTMLResponse:
        check_editable(caller, camera_id)
        return page("zones.html", caller, camera_id=camera_id)

    return router
