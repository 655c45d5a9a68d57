"""`pycturestream publish`: one source, as one camera, until it ends or Ctrl-C."""

from pathlib import Path
from typing import Annotated, Any

import typer

from producers.picture import SourceError
from producers.publish_accounting import PublishCounts
from producers.publish_source import publish_source
from producers.source import SourceOptions, is_recorded
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.config.source_address import holds_password
from pycturestream.domain.frames.frame import Mode, is_camera_id
from pycturestream.domain.times import parse_rfc3339, rfc3339
from pycturestream.errors import CommandError, UsageError
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted

_READABLE = (
    "the source holds a password in plain text, and all users of a computer can read the arguments "
    "of its commands: write '${NAME}' instead, and set NAME in the environment"
)


def publish(
    source: Annotated[
        str, typer.Argument(help="Video file, folder of pictures, device number or stream URL.")
    ],
    camera: Annotated[str, typer.Option(help="Id of the camera that the pictures belong to.")],
    fps: Annotated[
        float | None, typer.Option(min=0.001, help="Pictures a second; default: a file's own.")
    ] = None,
    mode: Annotated[
        Mode, typer.Option(help="live: now, paced. replay: with their own times, at once.")
    ] = "live",
    start: Annotated[
        str | None,
        typer.Option(help="Replay of a video: when it begins, such as 2026-11-21T09:00:00Z."),
    ] = None,
    *,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at the end.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="A folder: publish what is new in it, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish one camera's pictures to Kafka.

    The settings that `pycturestream cameras apply` set for the camera hold here too: masks,
    motion, size.

    Example: `pycturestream publish samples/plaza.mp4 --camera plaza --fps 2 --loop`
    """
    if not is_camera_id(camera):
        raise UsageError(f"--camera {camera}: expected 1 to 64 of A-Z a-z 0-9 . _ -")
    if mode == "replay" and (loop or not is_recorded(source)):
        raise UsageError("--mode replay needs a file or folder, and no --loop: it must end")
    if watch and (mode == "replay" or loop or not Path(source).is_dir()):
        raise UsageError("--watch needs an existing folder, --mode live and no --loop")
    if holds_password(source):
        errors.print(f"warning: {_READABLE}", soft_wrap=True, highlight=False, markup=False)
    timeout_s = settings().camera_timeout_ms / 1000
    options = SourceOptions(
        mode,
        fps,
        loop,
        _start(start),
        settings().default_fps,
        watch,
        timeout_s,
        settings().picture_pixel_limit,
    )
    configure_logs(settings().log_format)
    with until_interrupted() as stop:
        clock = SystemClock(stop)
        began = clock.seconds()
        try:
            counts = publish_source(source, camera, options, settings(), clock)
        except SourceError as error:
            raise CommandError(str(error)) from error
        seconds = round(clock.seconds() - began, 3)
    if as_json:
        print_json([as_record(camera, counts, seconds)])
    else:
        print(f"{camera}: {summary(counts)} in {seconds:.1f} s")


def summary(counts: PublishCounts) -> str:
    """Return the counts in words."""
    drops = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.dropped.items()))
    return f"{counts.published} published, {drops or 'none'} dropped"


def as_record(camera_id: str, counts: PublishCounts, seconds: float) -> dict[str, Any]:
    """Return the counts as a JSON record."""
    first, last = counts.first_captured_at, counts.last_captured_at
    return {
        "camera_id": camera_id,
        "published": counts.published,
        "dropped": counts.dropped,
        "first_captured_at": None if first is None else rfc3339(first),
        "last_captured_at": None if last is None else rfc3339(last),
        "seconds": seconds,
    }


def _start(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise UsageError(f"--start {text}: expected a time such as 2026-11-21T09:00:00Z") from error
