"""`pycturestream run`: all cameras of a file, in one process."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from commands.errors import CommandError, UsageError
from commands.output import AsJson, console, print_json
from commands.publish import as_record, summary, warn
from producers.announce import AnnouncementError, publish_cameras
from producers.clock import Clock, SystemClock
from producers.film import Film
from producers.interrupt import until_interrupted
from producers.publish import Publisher
from producers.source import Wish, open_source
from pycturestream.camera_file import CameraEntry, CameraFileError, read_camera_file
from pycturestream.settings import settings

_TABLE_INTERVAL_S = 2.0
_LINE_INTERVAL_S = 60.0


def run(
    file: Annotated[Path, typer.Argument(help="cameras.yaml")],
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="No status while it runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish all cameras of a file to Kafka, until Ctrl-C.

    A camera that fails is tried again and does not stop the others.

    Example: `pycturestream run samples/cameras.yaml`
    """
    entries = _read(file)
    with until_interrupted() as stop:
        clock = SystemClock(stop)
        began = clock.seconds()
        announced = _announce(entries, clock)
        publisher = Publisher(settings(), "live", clock)
        films = [
            Film(entry.camera.camera_id, "live", publisher, clock, settings(), warn)
            for entry in entries
        ]
        try:
            publisher.connect()
            threads = [
                _start(film, entry, file.parent) for film, entry in zip(films, entries, strict=True)
            ]
            _watch(threads, films, clock, quiet=quiet or as_json)
            for thread in (*threads, *announced):
                thread.join()
        finally:
            publisher.close()
        seconds = round(clock.seconds() - began, 3)
    if as_json:
        print_json(as_record(film.camera_id, film.ledger.account(), seconds) for film in films)
    else:
        console.print(_table(films))


def _announce(entries: Sequence[CameraEntry], clock: SystemClock) -> list[threading.Thread]:
    """Make the cameras' settings known; where the broker is away, keep trying in a thread."""
    cameras = [entry.camera for entry in entries]

    def announced() -> bool:
        try:
            publish_cameras(cameras, settings(), clock)
        except AnnouncementError as error:
            warn(f"{error}; trying again")
            return False
        return True

    def keep_trying() -> None:
        while not clock.stopped and not announced():
            clock.sleep(settings().reconnect_backoff_max_ms / 1000)

    if announced():
        return []
    thread = threading.Thread(target=keep_trying, name="announce")
    thread.start()
    return [thread]


def _read(file: Path) -> tuple[CameraEntry, ...]:
    try:
        entries = read_camera_file(file)
    except CameraFileError as error:
        raise CommandError(str(error)) from error
    without = [entry.camera.camera_id for entry in entries if not entry.camera.source]
    if without:
        raise UsageError(f"{file}: no source for {', '.join(without)}")
    return entries


def _start(film: Film, entry: CameraEntry, folder: Path) -> threading.Thread:
    wish = Wish("live", entry.camera.fps, entry.loop, default_fps=settings().default_fps)
    source = entry.camera.source
    thread = threading.Thread(
        target=lambda: film.on_and_on(lambda: open_source(source, wish, folder=folder)),
        name=film.camera_id,
    )
    thread.start()
    return thread


def _watch(
    threads: Sequence[threading.Thread], films: Sequence[Film], clock: Clock, *, quiet: bool
) -> None:
    """Show the books until all cameras have ended, or the clock stops."""
    if quiet:
        _wait(threads, clock, float("inf"))
    elif sys.stdout.isatty():
        with Live(_table(films), console=console, transient=True) as live:
            while _wait(threads, clock, _TABLE_INTERVAL_S):
                live.update(_table(films))
    else:
        while _wait(threads, clock, _LINE_INTERVAL_S):
            for film in films:
                print(f"{film.camera_id}: {summary(film.ledger.account())}", flush=True)


def _wait(threads: Sequence[threading.Thread], clock: Clock, seconds: float) -> bool:
    """Wait that long; False as soon as there is nothing more to wait for."""
    deadline = clock.seconds() + seconds
    while not clock.stopped and any(thread.is_alive() for thread in threads):
        if clock.seconds() >= deadline:
            return True
        clock.sleep(0.2)
    return False


def _table(films: Sequence[Film]) -> Table:
    table = Table("camera", "published", "dropped", header_style="bold", box=None, pad_edge=False)
    for film in films:
        account = film.ledger.account()
        drops = ", ".join(f"{n} {reason}" for reason, n in sorted(account.dropped.items()))
        table.add_row(film.camera_id, str(account.published), drops or "-")
    return table
