"""`pycturestream annotate`: the picture of a frame, with what was found in it."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from pycturestream.application.picture_index import ElasticsearchPictures
from pycturestream.application.searching import newest_record
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.options import Original, Run
from pycturestream.cli.output import AsJson, errors, print_json, print_line
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.errors import CommandError, UsageError
from pycturestream.stores.elasticsearch import connect

Json = Mapping[str, Any]


def annotate(
    frame: Annotated[
        str,
        typer.Argument(
            metavar="FRAME_ID", help="As `pycturestream find` shows it.", show_default=False
        ),
    ],
    output: Annotated[
        Path, typer.Option(dir_okay=False, metavar="FILE", help="Write the JPEG there.")
    ],
    *,
    run: Run = LIVE,
    original: Original = False,
    grid: Annotated[bool, typer.Option(help="The borders of the nine sectors.")] = True,
    zones: Annotated[bool, typer.Option(help="Zones and lines, as they are set now.")] = True,
    scores: Annotated[bool, typer.Option(help="How sure each object is.")] = True,
    tracks: Annotated[bool, typer.Option(help="When each track began, and its number.")] = True,
    threats: Annotated[bool, typer.Option(help="Open alerts about what is in view.")] = True,
    caption: Annotated[bool, typer.Option(help="Camera and time.")] = True,
    as_json: AsJson = False,
) -> None:
    """Write the picture of a frame with boxes, labels, tracks, sectors, zones and threats.

    The heads of people are covered. Pictures of live cameras exist for some minutes.

    Example: `pycturestream annotate gate_20261121T090000125Z --output gate.jpg`
    """
    if output.suffix.lower() not in {".jpg", ".jpeg"}:
        raise UsageError(f"--output {output}: a JPEG is written: end the name with .jpg")
    with errors.status("looking it up …"), error_mapping(settings()):
        record = _record_of(frame, run)
        # Drawing and models take half a second to load, which wrong use need not wait for.
        from pycturestream.annotation.annotate import Layers  # noqa: PLC0415

        layers = Layers(grid, zones, scores, tracks, threats, caption)
        jpeg = _annotated(record, layers, original=original)
        output.write_bytes(jpeg)
    if as_json:
        print_json([{"frame_id": frame, "written": str(output), "bytes": len(jpeg)}])
    else:
        print_line(f"{frame}: written to {output}")


def _record_of(frame: str, run: str) -> Json:
    """Return the newest record of a frame. Raises CommandError where there is none."""
    try:
        with connect(settings()) as client:
            found = newest_record(ElasticsearchPictures(client), frame, run)
    except ValueError as error:
        raise UsageError(f"{frame}: no frame id, such as gate_20261121T090000125Z") from error
    if found is None:
        raise CommandError(
            f"{frame}: no record of it in run {run}: it was not processed, or is not searchable "
            "yet; `pycturestream explain` says what became of it"
        )
    return found


def _annotated(record: Json, layers: Any, *, original: bool) -> bytes:
    """Return the JPEG. Raises CommandError where there is no picture any more."""
    from pycturestream.contracts.cameras import decode_camera_or_default  # noqa: PLC0415
    from pycturestream.contracts.detections import read_detections_record  # noqa: PLC0415
    from pycturestream.domain.frames.missing import Missing  # noqa: PLC0415
    from pycturestream.log.cameras import known_cameras  # noqa: PLC0415
    from pycturestream.pictures.annotated import annotated_jpeg  # noqa: PLC0415
    from pycturestream.pictures.frame_pictures import FramePictures  # noqa: PLC0415
    from pycturestream.pictures.originals import require_originals  # noqa: PLC0415

    camera_id = record["camera_id"]
    if original:
        require_originals(settings(), [camera_id])
    camera = decode_camera_or_default(known_cameras(settings()).get(camera_id), camera_id)
    with closing(FramePictures(settings())) as pictures:
        [(_, picture)] = pictures.fetch([read_detections_record(record)])
    if isinstance(picture, Missing):
        raise CommandError(f"{record['frame_id']}: the picture is missing: {picture}")
    return annotated_jpeg(picture, camera, layers, original=original)
