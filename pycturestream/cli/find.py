"""`pycturestream find`: pictures by what is in them."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from elasticsearch import Elasticsearch

from pycturestream.application.searching import clock_of, require_known_labels, unknown_names
from pycturestream.cli import picture_filters as filters
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import Json, local_second
from pycturestream.cli.options import LocalSince, LocalUntil, Original, Run, SaveFolder
from pycturestream.cli.output import AsJson, console, errors, indented
from pycturestream.cli.picture_rows import CsvRows, JsonRows, ParquetRows, Rows, TableRows
from pycturestream.cli.saved_pictures import Saver, missing_in_words
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.search.moment import LocalTime, Moment
from pycturestream.domain.search.order import NEWEST_FIRST, Order
from pycturestream.domain.search.query import ALL_DAY, EVERY_DAY, ObjectConditions, Query
from pycturestream.errors import UsageError
from pycturestream.stores.archived import with_archive
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.paging import PAGE
from pycturestream.stores.picture_search import explain as explain_query
from pycturestream.stores.picture_search import find_pictures
from pycturestream.stores.search import ALL

SHEET_LIMIT: Final = 120
"""Pictures on a contact sheet: more is no overview, and each has to be fetched and blurred."""


def find(
    *,
    camera: filters.Cameras = None,
    site: filters.Sites = None,
    label: filters.Labels = None,
    without: filters.Without = None,
    min_count: filters.MinCount = None,
    max_count: filters.MaxCount = None,
    min_score: filters.MinScore = None,
    max_score: filters.MaxScore = None,
    zone: filters.Zone = None,
    sector: filters.Sector = None,
    track: filters.Track = None,
    min_size: filters.MinSize = None,
    max_size: filters.MaxSize = None,
    inside: filters.Inside = None,
    level: filters.MinLevel = None,
    since: LocalSince = None,
    until: LocalUntil = None,
    weekday: filters.Weekdays = None,
    hours: filters.HoursOfDay = None,
    timezone: filters.Clock = None,
    sort: filters.Sort = None,
    limit: Annotated[int, typer.Option(min=0, help="Maximum number; 0: all.")] = 20,
    run: Run = LIVE,
    save: SaveFolder = None,
    original: Original = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--contact-sheet",
            dir_okay=False,
            metavar="FILE",
            help="Write one JPEG with small pictures, in which heads are grey.",
        ),
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="FILE", help="Write a Parquet file; no table."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values.")] = False,
    as_json: AsJson = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the query for Elasticsearch, and nothing else.")
    ] = False,
) -> None:
    """Find pictures by what is in them.

    All options must be true of a picture. Those about an object, such as --zone and --min-score,
    must be true of one and the same object, for each --label.

    `--save` writes those that still exist, with the heads of people covered.

    Example: `pycturestream find --label truck --camera gate --since "yesterday 20:00"`
    """
    query = Query(
        run=run,
        cameras=tuple(camera or ()),
        sites=tuple(site or ()),
        weekdays=weekday or EVERY_DAY,
        hours=hours or ALL_DAY,
        labels=tuple(dict.fromkeys(label or ())),
        without=tuple(without or ()),
        conditions=ObjectConditions(
            min_score=min_score,
            max_score=max_score,
            zone=zone,
            sector=sector,
            track_id=track,
            min_size=min_size,
            max_size=max_size,
            inside=inside,
        ),
        min_count=min_count,
        max_count=max_count,
        min_level=level,
    )
    order = sort or NEWEST_FIRST
    if original and not save:
        raise UsageError("--original says how pictures are saved: give --save too")
    if as_json + as_csv + (parquet is not None) > 1:
        raise UsageError("choose one of --json, --csv and --parquet")
    with error_mapping(settings()), connect(settings()) as client:
        query, clock = _with_times(client, query, since, until, timezone)
        if explain:
            _explain(query, limit or ALL, order)
            return
        require_known_labels(client, query)
        rows = _rows(parquet, clock, as_csv=as_csv, as_json=as_json)
        try:
            matching = find_pictures(client, query, limit or ALL, order)
            found = with_archive(client, matching)
            number, summaries = _hand_on(
                found,
                rows,
                saver=Saver(save, original=original) if save else None,
                sheet=sheet,
                clock=clock,
            )
        finally:
            rows.abandon()
        hints = [] if number else list(unknown_names(client, query))
    for hint in hints:
        errors.print(hint, soft_wrap=True, highlight=False, markup=False)
    if parquet:
        summaries.insert(0, f"{number} pictures listed in {parquet}")
    for summary in summaries:
        (errors if as_json or as_csv else console).print(summary, highlight=False, markup=False)


def _rows(parquet: Path | None, clock: str, *, as_csv: bool, as_json: bool) -> Rows:
    if parquet:
        return ParquetRows(parquet)
    if as_csv:
        return CsvRows()
    return JsonRows() if as_json else TableRows(clock)


def _hand_on(
    found: Iterator[Json],
    rows: Rows,
    saver: Saver | None,
    sheet: Path | None,
    clock: str,
) -> tuple[int, list[str]]:
    """Hand on what is found, a page at a time; return its number, and what was written."""
    number = 0
    on_sheet: list[Json] = []
    for records in _pages(found):
        if saver:
            saver.save(records)
        rows.add(records)
        number += len(records)
        on_sheet += records[: SHEET_LIMIT - len(on_sheet)] if sheet else ()
    rows.end()
    summaries = [saver.summary] if saver else []
    if sheet and on_sheet:
        # Clients of Kafka, decoders and the face model take a second, which only this needs.
        from pycturestream.cli.contact_sheet import write_contact_sheet  # noqa: PLC0415

        missing = write_contact_sheet(settings(), sheet, on_sheet, clock)
        shown = f"{len(on_sheet) - missing.total()} of {number} pictures shown in {sheet}"
        left_out = f"; it has room for {SHEET_LIMIT}" if number > len(on_sheet) else ""
        summaries.append(f"{shown}{left_out}{missing_in_words(missing)}")
    return number, summaries


def _pages(found: Iterator[Json]) -> Iterator[list[Json]]:
    while page := list(islice(found, PAGE)):
        yield page


def _with_times(
    client: Elasticsearch,
    query: Query,
    since: Moment | None,
    until: Moment | None,
    timezone: str | None,
) -> tuple[Query, str]:
    """Return the query with its times, and whose clock the table shows; empty: UTC."""
    clock = timezone or ""
    if not clock and any(isinstance(each, LocalTime) for each in (since, until)):
        clock = clock_of(client, query)
    at = now()
    try:
        begin = since.at(at, clock, "since") if since else None
        end = until.at(at, clock, "until") if until else None
    except ValueError as error:
        raise UsageError(f"--since or --until: {error}") from error
    if begin is not None and end is not None and begin >= end:
        shown = (local_second(each, clock or "UTC") for each in (begin, end))
        raise UsageError("--since must be before --until; they are {} and {}".format(*shown))
    return msgspec.structs.replace(query, since=begin, until=end), clock


def _explain(query: Query, limit: int, order: Order) -> None:
    index, body = explain_query(query, limit, order)
    print(f"GET /{index}/_search")
    print(indented(body))
