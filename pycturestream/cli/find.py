"""`pycturestream find`: pictures by what is in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import Json, seen, threats, when
from pycturestream.cli.options import CameraId, Label, Limit, Run, SaveFolder, Since, Until
from pycturestream.cli.output import AsJson, console, errors, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE, frame_id, parse_frame_id
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import Scope, find_detections


def find(
    *,
    camera: CameraId = None,
    label: Label = None,
    min_count: Annotated[
        int | None,
        typer.Option(min=1, help="At least this many (of the label) in the picture."),
    ] = None,
    zone: Annotated[str | None, typer.Option(help="An object (of the label) in this zone.")] = None,
    sector: Annotated[
        str | None, typer.Option(help="An object (of the label) in this sector: 'top left'.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    run: Run = LIVE,
    save: SaveFolder = None,
    as_json: AsJson = False,
) -> None:
    """Find pictures by what is in them.

    Example: `pycturestream find --label person --min-count 2 --since 10m --save pictures`
    """
    scope = Scope(run, camera, since, until)
    with error_mapping(settings()), connect(settings()) as client:
        found = list(
            find_detections(
                client,
                scope,
                limit,
                label=label,
                min_count=min_count,
                zone=zone,
                sector=sector,
            )
        )
        saved = _save(found, save) if save else 0
    if as_json:
        print_json(found)
    else:
        print_table(
            ("captured", "camera", "shows", "threats", "frame"),
            (
                (
                    when(record["captured_at"]),
                    record["camera_id"],
                    seen(record),
                    threats(record),
                    record["frame_id"],
                )
                for record in found
            ),
            empty="no matching picture",
        )
    if save:
        gone = len(found) - saved
        summary = f"{saved} pictures saved in {save}; {gone} no longer exist"
        (errors if as_json else console).print(summary, highlight=False, markup=False)


def _save(records: Sequence[Json], folder: Path) -> int:
    """Save the pictures that the log still holds; return of how many records they are."""
    # Clients of Kafka and decoders of pictures take a third of a second, which only this needs.
    from pycturestream.log.frames import fetch_pictures  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    saved = 0
    for record, jpeg in fetch_pictures(settings(), records):
        if jpeg is not None:
            camera_id, captured_at = parse_frame_id(record["frame_id"])  # can't name another folder
            (folder / f"{frame_id(camera_id, captured_at)}.jpg").write_bytes(jpeg)
            saved += 1
    return saved
