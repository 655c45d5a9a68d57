"""Options that several commands share."""

import time
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.cli.errors import UsageError
from pycturestream.domain.times import Millis, parse_duration, parse_moment


def moment(text: str) -> Millis:
    """Return a time given as RFC 3339, or as `10m`: that long ago. Raises UsageError."""
    try:
        return parse_moment(text, time.time_ns() // 1_000_000)
    except ValueError as error:
        raise UsageError(
            f"{text} is no time: write 30s, 10m, 2h or 3d for so long ago, "
            "or a time such as 2026-11-21T09:00:00Z"
        ) from error


def duration(text: str) -> Millis:
    """Return a time span given as `30m`, `2h` or `3d`. Raises UsageError."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{text} is no time span: write 30m, 2h or 3d") from error


CameraId = Annotated[str | None, typer.Option("--camera", help="Only this camera.")]
Label = Annotated[str | None, typer.Option(help="Only this label, such as person.")]
Since = Annotated[
    int | None,
    typer.Option(parser=moment, metavar="TIME", help="From then on: 10m, 2h, 3d ago, or a time."),
]
Until = Annotated[int | None, typer.Option(parser=moment, metavar="TIME", help="Before then.")]
Duration = Annotated[
    int | None,
    typer.Option("--for", parser=duration, metavar="TIME", help="For so long: 30m, 2h, 3d."),
]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")]
Run = Annotated[str, typer.Option(help="live, or the name of a replay.")]
SaveFolder = Annotated[
    Path | None,
    typer.Option("--save", file_okay=False, metavar="FOLDER", help="Write the pictures there."),
]
