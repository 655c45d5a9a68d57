"""`pycturestream find`: pictures by what is in them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import Json, seen, threats, when
from pycturestream.cli.options import (
    CameraId,
    Label,
    Limit,
    Original,
    Run,
    SaveFolder,
    Since,
    Until,
)
from pycturestream.cli.output import AsJson, console, errors, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE, frame_id, parse_frame_id
from pycturestream.domain.frames.missing import Missing
from pycturestream.errors import UsageError
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
    original: Original = False,
    as_json: AsJson = False,
) -> None:
    """Find pictures by what is in them.

    `--save` writes those that still exist, with the heads of people covered.

    Example: `pycturestream find --label person --min-count 2 --since 10m --save pictures`
    """
    if original and not save:
        raise UsageError("--original says how pictures are saved: give --save too")
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
        summary = _save(found, save, original=original) if save else ""
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
    if summary:
        (errors if as_json else console).print(summary, highlight=False, markup=False)


def _save(records: Sequence[Json], folder: Path, *, original: bool) -> str:
    """Save the pictures that still exist; return how many they are, and why the others are missing.

    Raises OriginalsNotAllowedError, FaceModelError.
    """
    # Clients of Kafka and decoders of pictures take a third of a second, which only this needs.
    from pycturestream.pictures.frame_pictures import fetch_pictures  # noqa: PLC0415

    missing: Counter[str] = Counter()
    for record, picture in fetch_pictures(settings(), records, original=original):
        if isinstance(picture, Missing):
            missing[picture] += 1
        else:
            camera_id, captured_at = parse_frame_id(record["frame_id"])  # can't name another folder
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{frame_id(camera_id, captured_at)}.jpg").write_bytes(picture)
    summary = f"{len(records) - missing.total()} pictures saved in {folder}"
    reasons = ", ".join(f"{why} ({number})" for why, number in missing.most_common())
    return f"{summary}; {missing.total()} missing: {reasons}" if missing else summary
