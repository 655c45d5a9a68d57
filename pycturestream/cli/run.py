"""`pycturestream run`: all cameras of a file, in one process."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from producers.camera_worker import CameraWorker
from pycturestream.application.run_cameras import running_cameras
from pycturestream.cli.composition.metrics import camera_metrics, exported
from pycturestream.cli.output import AsJson, console, print_json
from pycturestream.cli.publish import as_record, summary
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.camera_file import CameraEntry, CameraFileError, read_camera_file
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError, UsageError
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted

_TABLE_INTERVAL_S = 2.0
_LINE_INTERVAL_S = 60.0
_POLL_S = 0.2
"""How soon the end of the last camera is noticed."""


def run(
    file: Annotated[Path, typer.Argument(help="cameras.yaml")],
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="No status while it runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish all cameras of a file to Kafka, until Ctrl-C.

    A camera that fails is tried again and does not stop the others. What `pycturestream
    cameras apply` changes of these cameras holds from their next picture on.

    Example: `pycturestream run samples/cameras.yaml`
    """
    configure_logs(settings().log_format)
    entries = _read(file)
    with until_interrupted() as stop:
        clock = SystemClock(stop)
        began = clock.seconds()
        with (
            running_cameras(entries, file, settings(), clock) as cameras,
            exported(settings(), settings().ports.run_metrics, lambda: camera_metrics(cameras)),
        ):
            _show_status(cameras, clock, quiet=quiet or as_json)
        seconds = round(clock.seconds() - began, 3)
    if as_json:
        print_json(as_record(camera.camera_id, camera.counts(), seconds) for camera in cameras)
    else:
        console.print(_table(cameras))


def _read(file: Path) -> tuple[CameraEntry, ...]:
    try:
        entries = read_camera_file(file)
    except CameraFileError as error:
        raise CommandError(str(error)) from error
    without = [entry.camera.camera_id for entry in entries if not entry.camera.source]
    if without:
        raise UsageError(f"{file}: no source for {', '.join(without)}")
    whole = [entry.camera.camera_id for entry in entries if entry.camera.size == "full"]
    if whole and not settings().reference_folder:
        raise UsageError(
            f"{file}: size full of {', '.join(whole)} needs a folder that producers and job "
            "share: set PYCTURESTREAM_REFERENCE_FOLDER"
        )
    return entries


def _show_status(cameras: Sequence[CameraWorker], clock: Clock, *, quiet: bool) -> None:
    """Show the counts until all cameras have ended, or the clock stops."""

    def wait(seconds: float) -> bool:
        """Wait that long; False as soon as there is nothing more to wait for."""
        deadline = clock.seconds() + seconds
        while not clock.stopped:
            if not any(camera.is_active for camera in cameras):
                return False
            if clock.seconds() >= deadline:
                return True
            clock.sleep(_POLL_S)
        return False

    if quiet:
        wait(float("inf"))
    elif sys.stdout.isatty():
        with Live(_table(cameras), console=console, transient=True) as live:
            while wait(_TABLE_INTERVAL_S):
                live.update(_table(cameras))
    else:
        while wait(_LINE_INTERVAL_S):
            for camera in cameras:
                print(f"{camera.camera_id}: {summary(camera.counts())}", flush=True)


def _table(cameras: Sequence[CameraWorker]) -> Table:
    table = Table("camera", "published", "dropped", header_style="bold", box=None, pad_edge=False)
    for camera in cameras:
        counts = camera.counts()
        drops = ", ".join(f"{n} {reason}" for reason, n in sorted(counts.dropped.items()))
        table.add_row(camera.camera_id, str(counts.published), drops or "-")
    return table
