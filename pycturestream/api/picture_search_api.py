"""Pictures by HTTP: found by what is in them."""

import io
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BeforeValidator, Field, StringConstraints

from pycturestream.api.access import Caller, Reader
from pycturestream.api.models import Labels, PicturePage, RunName
from pycturestream.api.picture_cursor import LENGTH_LIMIT, decode_cursor, encode_cursor
from pycturestream.api.problems import responses
from pycturestream.application.live_view import LANGUAGE
from pycturestream.application.picture_columns import COLUMNS, columns
from pycturestream.application.picture_index import PictureIndex
from pycturestream.application.searching import (
    explained,
    labels_of_models,
    require_known_labels,
    unknown_names,
    with_times,
)
from pycturestream.contracts.csv_rows import write_csv
from pycturestream.contracts.detection_words import counted_labels
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.search.query import Query as PictureQuery
from pycturestream.domain.search.words import Search, SearchWords, read_search
from pycturestream.domain.times import Millis
from pycturestream.stores.paging import PAGE
from pycturestream.stores.picture_search import COUNT_LIMIT, LABEL
from pycturestream.stores.search import ALL

Json = dict[str, Any]

PAGE_LIMIT: Final = 200
_Text = Annotated[str, StringConstraints(max_length=200)]
_Texts = Annotated[list[_Text], Query(max_length=50)]
_COUNTS: Final = 1_000_000
_OR_EMPTY: Final = BeforeValidator(lambda text: None if text == "" else text)
_OWN: Final = frozenset({"limit", "after", "format"})
"""Parameters that say nothing of pictures."""


def _words(
    request: Request,
    camera: _Texts = [],  # noqa: B006 - FastAPI copies it
    site: _Texts = [],  # noqa: B006
    label: _Texts = [],  # noqa: B006
    without: _Texts = [],  # noqa: B006
    min_count: Annotated[Annotated[int, Field(ge=1, le=_COUNTS)] | None, _OR_EMPTY] = None,
    max_count: Annotated[Annotated[int, Field(ge=0, le=_COUNTS)] | None, _OR_EMPTY] = None,
    min_score: _Text = "",
    max_score: _Text = "",
    zone: _Text = "",
    sector: _Text = "",
    track: _Text = "",
    min_size: _Text = "",
    max_size: _Text = "",
    inside: _Text = "",
    level: _Text = "",
    since: _Text = "",
    until: _Text = "",
    weekday: _Text = "",
    hours: _Text = "",
    timezone: _Text = "",
    sort: _Text = "",
    run: _Text = LIVE,
) -> SearchWords:
    """Return what is searched for, each parameter as the option of `pycturestream find`.

    An empty one says nothing, as fields of a form that nobody filled in. An unknown one is an
    error: the search would find what nobody asked for.
    """
    names = SearchWords.__struct_fields__
    for name in request.query_params:
        if name not in names and name not in _OWN:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
            raise HTTPException(422, f"no parameter {name[:80]} is known: {hint}")
    return SearchWords(
        camera=tuple(filter(None, camera)),
        site=tuple(filter(None, site)),
        label=tuple(filter(None, label)),
        without=tuple(filter(None, without)),
        min_count=min_count,
        max_count=max_count,
        min_score=min_score or None,
        max_score=max_score or None,
        zone=zone or None,
        sector=sector or None,
        track=track or None,
        min_size=min_size or None,
        max_size=max_size or None,
        inside=inside or None,
        level=level or None,
        since=since or None,
        until=until or None,
        weekday=weekday or None,
        hours=hours or None,
        timezone=timezone or None,
        sort=sort or None,
        run=run or LIVE,
    )


Words = Annotated[SearchWords, Depends(_words)]


def picture_search_paths(index: PictureIndex) -> APIRouter:
    """Return the paths."""
    router = APIRouter(prefix="/api/pictures", tags=["pictures"])

    @router.get("", response_model=PicturePage, responses=_TABLE)
    def find(
        caller: Reader,
        words: Words,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="Pictures of a page")] = 24,
        after: Annotated[
            str, Query(max_length=LENGTH_LIMIT, description="`next` of the page before")
        ] = "",
        format: Literal["json", "csv"] = "json",  # noqa: A002 - as in addresses
    ) -> Response:
        """Find pictures by what is in them: a page at a time, or all of them as CSV.

        The parameters are the options of `pycturestream find`, and mean the same.
        """
        search, at = read_search(words, caller.now), caller.now
        cursor = decode_cursor(after, words, search.order.key) if after else None
        if cursor:
            at = cursor.searched_at
            search = read_search(words, at)
        query, clock = _allowed(index, caller, search, at)
        asked = msgspec.structs.replace(search.query, phones=query.phones)
        require_known_labels(index, query, caller.token.cameras)
        if format == "csv":
            return _table(index.find(query, search.order, ALL))
        page = index.page(query, search.order, limit, cursor.position if cursor else None)
        return JSONResponse(
            {
                "pictures": [record | {"shows": _shows(record)} for record in page.records],
                "next": encode_cursor(words, at, page.end) if page.end else None,
                "found": page.found,
                "more_than_found": page.found == COUNT_LIMIT,
                "clock": clock,
                # Of what was asked for, not of the cameras that the token adds.
                "hints": []
                if page.records or after
                else list(unknown_names(index, asked, caller.token.cameras)),
            }
        )

    @router.get("/query", response_class=PlainTextResponse, responses=responses(422))
    def explain(caller: Reader, words: Words) -> PlainTextResponse:
        """Return what Elasticsearch is asked, as its console takes it."""
        search = read_search(words, caller.now)
        query, _ = _allowed(index, caller, search, caller.now)
        return PlainTextResponse(explained(query, PAGE, search.order))

    @router.get("/labels", response_model=Labels)
    def labels(caller: Reader, run: RunName = LIVE) -> Json:
        """Return the labels that can be searched for: all, and those that pictures show."""
        named = caller.token.cameras
        seen = index.known(run, LABEL, named, phones=bool(named))
        return {"seen": seen, "known": sorted({*labels_of_models(), *seen})}

    return router


def _allowed(
    index: PictureIndex, caller: Caller, search: Search, at: Millis
) -> tuple[PictureQuery, str]:
    """Return the query within the cameras of the token, and its clock. Raises 403, WordsError.

    What phones of the seeing aid see is for one person: only a token that names one finds it.
    """
    for camera_id in search.query.cameras:
        caller.check_camera(camera_id)
    named = tuple(caller.token.cameras)
    within = msgspec.structs.replace(
        search.query,
        cameras=search.query.cameras or named,
        phones=bool(named),
    )
    return with_times(index, msgspec.structs.replace(search, query=within), at)


def _shows(record: Json) -> str:
    """Return what is detected in a picture, in the words of the live page."""
    counts = {each["label"]: each["count"] for each in record["label_counts"]}
    return counted_labels(counts, LANGUAGE) or "nothing"


def _table(found: Iterator[Json]) -> Response:
    """Return all of them as CSV, read a page at a time while it is sent."""
    first = list(islice(found, PAGE))  # an error now has a status

    def lines() -> Iterator[str]:
        yield _csv([COLUMNS])
        page = first
        while page:
            rows = map(columns, page)
            yield _csv([row[name] for name in COLUMNS] for row in rows)
            page = list(islice(found, PAGE))

    names = {"Content-Disposition": 'attachment; filename="pictures.csv"'}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=names)


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    write_csv(text, rows)
    return text.getvalue()


_TABLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(401, 403, 422, 503),
}
