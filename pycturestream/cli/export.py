"""`pycturestream export`: hands out what is held of what a camera saw in a time."""

from pathlib import Path
from typing import Annotated

import typer

from pycturestream.application import exporting
from pycturestream.cli.composition.erasing import left_out, parts, pictures, selection
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.options import All, OneCamera, Since, Until
from pycturestream.cli.output import AsJson, errors, print_json, print_line, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings


def export(
    *,
    camera: OneCamera,
    output: Annotated[
        Path,
        typer.Option(metavar="FOLDER|FILE.zip", help="A new folder, or a new ZIP file."),
    ],
    since: Since = None,
    until: Until = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Hand out what is held of what a camera saw in a time.

    It is the selection that `pycturestream erase` would remove: records as JSON lines, a file for
    each kind, and manifest.json with their numbers and checksums.

    Example: `pycturestream export --camera gate --since 2h --until 0s --output gate.zip`
    """
    chosen = selection(settings(), camera, since, until, everything=everything)
    with error_mapping(settings()), errors.status("exporting …") as status:
        manifest = exporting.export(
            chosen,
            parts(settings(), chosen),
            lambda: pictures(settings(), chosen),
            output,
            left_out(settings(), chosen),
            now(),
            status.update,
        )
    if as_json:
        print_json([manifest])
        return
    print_table(
        ("file", "records", "bytes"),
        ((one["file"], one["records"], one["bytes"]) for one in manifest["files"]),
        empty="",
    )
    print_line(f"written to {output}; left out:")
    for one in manifest["left_out"]:
        print_line(f"  {one}")
