"""`pycturestream find`: pictures by what is in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer

from pycturestream.application.picture_index import ElasticsearchPictures
from pycturestream.application.searching import (
    explained,
    require_known_labels,
    unknown_names,
    with_times,
)
from pycturestream.cli import picture_filters as filters
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import Json
from pycturestream.cli.options import Original, Run, SaveFolder
from pycturestream.cli.output import AsJson, console, errors
from pycturestream.cli.picture_rows import CsvRows, JsonRows, ParquetRows, Rows, TableRows
from pycturestream.cli.saved_pictures import Saver, missing_in_words
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.search.words import SearchWords, WordsError, read_search
from pycturestream.errors import UsageError
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.paging import PAGE
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
    since: filters.Since = None,
    until: filters.Until = None,
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
    words = SearchWords(
        camera=tuple(camera or ()),
        site=tuple(site or ()),
        label=tuple(label or ()),
        without=tuple(without or ()),
        min_count=min_count,
        max_count=max_count,
        min_score=min_score,
        max_score=max_score,
        zone=zone,
        sector=sector,
        track=track,
        min_size=min_size,
        max_size=max_size,
        inside=inside,
        level=level,
        since=since,
        until=until,
        weekday=weekday,
        hours=hours,
        timezone=timezone,
        sort=sort,
        run=run,
    )
    if original and not save:
        raise UsageError("--original says how pictures are saved: give --save too")
    if as_json + as_csv + (parquet is not None) > 1:
        raise UsageError("choose one of --json, --csv and --parquet")
    with _option_names(), error_mapping(settings()), connect(settings()) as client:
        index, at = ElasticsearchPictures(client), now()
        search = read_search(words, at)
        query, clock = with_times(index, search, at)
        if explain:
            print(explained(query, limit or ALL, search.order), end="")
            return
        require_known_labels(index, query)
        rows = _rows(parquet, clock, as_csv=as_csv, as_json=as_json)
        try:
            number, summaries = _hand_on(
                index.find(query, search.order, limit or ALL),
                rows,
                saver=Saver(save, original=original) if save else None,
                sheet=sheet,
                clock=clock,
            )
        finally:
            rows.abandon()
        hints = [] if number else list(unknown_names(index, query))
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


@contextmanager
def _option_names() -> Iterator[None]:
    """Name the option that can't be read."""
    try:
        yield
    except WordsError as error:
        raise UsageError(f"--{error.name.replace('_', '-')}: {error}") from error
