"""The live pages: a wall of all cameras, and one camera large, with what their scripts ask."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, WebSocket
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from pycturestream.annotation.colours import (
    OF_OTHERS,
    OF_PEOPLE,
    OF_THREATS,
    OF_ZONES,
    Colour,
    of_label,
    text_on,
)
from pycturestream.api.access import Caller, Reader, is_own_page
from pycturestream.api.live_connection import may_show
from pycturestream.api.live_hub import LiveHub
from pycturestream.api.pages.shell import page, page_caller
from pycturestream.api.problems import responses
from pycturestream.application.live_ports import LiveHistory
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis
from pycturestream.stores.search import Scope

Json = dict[str, Any]

LIVE_PATH: Final = "/live"
SERIES_LIMIT: Final = 4
"""Lines of the chart: as many as can be told apart."""
SENTENCE_LIMIT: Final = 8


class Series(BaseModel):
    """How many objects of one label were in view, by minute."""

    label: str
    colour: str
    most: list[int | None] = Field(description="The most at once; null where nothing was seen.")


class LastHour(BaseModel):
    """What was in view of a camera in the last hour."""

    times: list[int] = Field(description="The beginnings of the minutes, in epoch seconds.")
    series: list[Series] = Field(description="The labels with the most objects, at most four.")


class SaidSentence(BaseModel):
    """A sentence about a camera."""

    text: str
    language: str
    captured_at: str


def _shown_camera(caller: Reader, camera_id: str) -> Caller:
    if not is_camera_id(camera_id):
        raise HTTPException(404, f"{camera_id[:80]} can't be the name of a camera")
    if not may_show(caller, camera_id):
        raise HTTPException(403, f"the token {caller.token.name} is not for {camera_id}")
    return caller


ShownCamera = Annotated[Caller, Depends(_shown_camera)]
"""The caller of a path about one camera, which the token must be for."""


def live_pages(hub: LiveHub) -> APIRouter:
    """Return the routes of the live pages and of their socket."""
    router = APIRouter(include_in_schema=False)

    @router.get(LIVE_PATH)
    def wall(request: Request) -> HTMLResponse:
        return page("live.html", page_caller(request), colours=_COLOURS)

    @router.get(LIVE_PATH + "/{camera_id}")
    def one_camera(request: Request, camera_id: str) -> HTMLResponse:
        caller = _shown_camera(page_caller(request), camera_id)
        may_write = not caller.token.read_only
        return page(
            "live_camera.html", caller, colours=_COLOURS, camera_id=camera_id, may_write=may_write
        )

    @router.websocket(LIVE_PATH + "/socket")
    async def socket(websocket: WebSocket) -> None:
        if is_own_page(websocket):
            await hub.serve(websocket)
        else:
            await websocket.close()  # before it was accepted: 403

    return router


def live_paths(history: LiveHistory) -> APIRouter:
    """Return what the page of one camera asks."""
    router = APIRouter(prefix="/api/live", tags=["live"], responses=responses(401, 403, 503))

    @router.get("/{camera_id}/counts", response_model=LastHour)
    def last_hour(caller: ShownCamera, camera_id: str) -> Json:
        """Return how many objects were in view in the last hour, by minute and label."""
        since = Millis(caller.now - HOUR_MS)
        counts = history.counts(Scope(camera_id=camera_id, since=since))
        return _last_hour(counts, since, caller.now)

    @router.get("/{camera_id}/sentences", response_model=list[SaidSentence])
    def sentences(caller: ShownCamera, camera_id: str) -> list[Json]:
        """Return what was said about a camera in the last hour, the newest first."""
        scope = Scope(camera_id=camera_id, since=caller.now - HOUR_MS)
        return list(history.sentences(scope, SENTENCE_LIMIT))

    return router


def _last_hour(counts: Sequence[WindowCount], since: Millis, now: Millis) -> Json:
    first, last = since // MINUTE_MS + 1, now // MINUTE_MS
    minutes = range(first, last)
    totals: dict[str, int] = {}
    most: dict[str, dict[int, int]] = {}
    for count in counts:
        minute = count.window_start // MINUTE_MS
        totals[count.label] = totals.get(count.label, 0) + count.unique
        most.setdefault(count.label, {})[minute] = count.maximum
    labels = [
        name for name in sorted(totals, key=lambda name: (-totals[name], name)) if totals[name]
    ]
    return {
        "times": [minute * MINUTE_MS // 1000 for minute in minutes],
        "series": [
            {
                "label": label,
                "colour": of_label(label).hexadecimal,
                "most": [most[label].get(minute) for minute in minutes],
            }
            for label in labels[:SERIES_LIMIT]
        ],
    }


def _colours() -> Mapping[str, Any]:
    """Return what scripts draw with; the colour of a label comes with each object."""

    def pair(colour: Colour) -> list[str]:
        return [colour.hexadecimal, text_on(colour).hexadecimal]

    return {
        "zones": pair(OF_ZONES),
        "threats": pair(OF_THREATS),
        "texts": dict(map(pair, (OF_PEOPLE, *OF_OTHERS))),
    }


_COLOURS: Final = json.dumps(_colours())
"""Each with the colour of the text that can be read on it."""
