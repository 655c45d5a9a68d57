"""Options that several commands share."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.clock import now
from pycturestream.domain.frames.frame import RUN_NAME_RULE, is_run_name
from pycturestream.domain.times import DAY_MS, Millis, parse_duration, parse_moment
from pycturestream.errors import UsageError


def moment(text: str) -> Millis:
    """Return a time given as RFC 3339, or as `10m`: a duration ago. Raises UsageError."""
    try:
        return parse_moment(text, now())
    except ValueError as error:
        raise UsageError(
            f"{text} is not a time: write a duration ago, such as 30s, 10m, 2h or 3d, "
            "or a time such as 2026-11-21T09:00:00Z"
        ) from error


def duration(text: str) -> Millis:
    """Return a duration given as `30m`, `2h` or `3d`. Raises UsageError."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{text} is not a duration: write 30m, 2h or 3d") from error


def run_name(text: str) -> str:
    """Return the name of a run. Raises UsageError for one that no run can have."""
    if not is_run_name(text):
        raise UsageError(f"--run {text}: {RUN_NAME_RULE}")
    return text


def past_span(since: Millis | None, until: Millis | None) -> tuple[Millis, Millis]:
    """Return begin and end of a time: by default the last day before now or `--until`.

    Raises UsageError for one without a moment in it.
    """
    end = now() if until is None else until
    begin = end - DAY_MS if since is None else since
    if begin >= end:
        raise UsageError("--since must be before --until")
    return begin, end


OneCamera = Annotated[str, typer.Option("--camera", help="The camera.")]
All = Annotated[
    bool, typer.Option("--all", help="Everything up to now, instead of --since and --until.")
]
CameraId = Annotated[str | None, typer.Option("--camera", help="Only this camera.")]
Label = Annotated[str | None, typer.Option(help="Only this label, such as person.")]
Since = Annotated[
    int | None,
    typer.Option(
        parser=moment, metavar="TIME", help="Start: a duration ago (10m, 2h, 3d) or a time."
    ),
]
Until = Annotated[
    int | None, typer.Option(parser=moment, metavar="TIME", help="End; same format as --since.")
]
Duration = Annotated[
    int | None,
    typer.Option("--for", parser=duration, metavar="DURATION", help="How long: 30m, 2h, 3d."),
]
Limit = Annotated[int, typer.Option(min=1, help="Maximum number, the newest first.")]
MinScore = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        help="Accept detections from this score on, instead of the model's thresholds.",
    ),
]
Model = Annotated[
    str | None, typer.Option(help="Default: that of the settings.", show_default=False)
]
Run = Annotated[
    str,
    typer.Option(parser=run_name, metavar="NAME", help="live, or the name of a replay."),
]
SaveFolder = Annotated[
    Path | None,
    typer.Option(
        "--save", file_okay=False, metavar="FOLDER", help="Write the pictures there, blurred."
    ),
]
Original = Annotated[
    bool,
    typer.Option(
        "--original", help="Don't blur: only for cameras with `originals: true` in cameras.yaml."
    ),
]


def user_name() -> str:
    """Return the name of whoever runs a command; the number of a user who has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # as in a container that runs under any number
        return str(os.getuid())
