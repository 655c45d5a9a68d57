"""`pycturestream run`: all cameras of a file, in one process."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from producers.camera_publisher import CameraPublisher
from producers.camera_worker import CameraWorker
from producers.follow_settings import Following
from producers.publisher import Publisher
from producers.rate_control import RateControl
from pycturestream.application.cameras import apply_cameras
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.output import AsJson, console, print_json
from pycturestream.cli.publish import as_record, summary, warn
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.camera_file import CameraEntry, CameraFileError, read_camera_file
from pycturestream.config.settings import settings
from pycturestream.contracts.topics import ATTENTION
from pycturestream.log.cameras import FollowedCameras, SettingsPublishError
from pycturestream.log.followed_topic import FollowedTopic
from pycturestream.signals import until_interrupted

_TABLE_INTERVAL_S = 2.0
_LINE_INTERVAL_S = 60.0
_FOLLOW_INTERVAL_S = 0.2
"""How often changed settings are looked for: they are to hold within a second."""


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
    entries = _read(file)
    with until_interrupted() as stop:
        clock = SystemClock(stop)
        began = clock.seconds()
        publisher = Publisher(settings(), "live", clock)
        rate_control = RateControl(clock.seconds)
        cameras = [
            CameraWorker(entry, file.parent, publisher, settings(), warn, rate_control.fps)
            for entry in entries
        ]
        following = Following(cameras, lambda: _sources(file), warn)
        link = threading.Thread(
            target=_follow_topics,
            args=(following, rate_control, clock, _settings_publisher(entries, clock)),
            name="follow topics",
        )
        try:
            publisher.connect()
            for camera in cameras:
                camera.start()
            link.start()
            _watch(cameras, following, clock, quiet=quiet or as_json)
        finally:
            stop.set()
            _end(cameras, link)
            publisher.close()
        seconds = round(clock.seconds() - began, 3)
    camera_publishers = [camera.camera_publisher for camera in cameras]
    if as_json:
        print_json(
            as_record(camera_publisher.camera_id, camera_publisher.accounts.account(), seconds)
            for camera_publisher in camera_publishers
        )
    else:
        console.print(_table(camera_publishers))


def _settings_publisher(entries: Sequence[CameraEntry], clock: Clock) -> Callable[[], bool]:
    """Make the cameras' settings known; return what tries again where nobody took them."""
    cameras = [entry.camera for entry in entries]

    def publish_settings() -> bool:
        if clock.stopped:
            return False
        try:
            apply_cameras(cameras, settings(), clock)
        except SettingsPublishError as error:
            warn(f"{error}; trying again")
            return False
        return True

    return (lambda: True) if publish_settings() else publish_settings


def _follow_topics(
    following: Following, rate_control: RateControl, clock: Clock, announced: Callable[[], bool]
) -> None:
    """Follow the topics `cameras` and `attention` until the clock stops.

    Not before the file's settings stand there: older ones might lack a mask.
    """
    while not announced():
        clock.sleep(settings().reconnect_backoff_max_ms / 1000)
        if clock.stopped:
            return
    attention = FollowedTopic(settings(), ATTENTION, rate_control.enter, rate_control.show)
    followed = FollowedCameras(settings())
    taken = None
    while not clock.stopped:
        known = followed.known
        if followed.are_complete and known is not taken:
            following.take_over(known.cameras, known.unreadable)
            taken = known
        clock.sleep(_FOLLOW_INTERVAL_S)
    followed.close()
    attention.close()


def _end(cameras: Sequence[CameraWorker], link: threading.Thread) -> None:
    for camera in cameras:
        camera.close()  # all at once, and before a wait that an impatient Ctrl-C may cut short
    if link.is_alive():
        link.join()
    for camera in cameras:
        camera.stop()


def _sources(file: Path) -> Mapping[str, str]:
    """Return the sources as the file has them now; none of a file with mistakes."""
    try:
        entries = read_camera_file(file)
    except CameraFileError as error:
        warn(str(error))
        return {}
    return {entry.camera.camera_id: entry.camera.source for entry in entries}


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


def _watch(
    cameras: Sequence[CameraWorker], following: Following, clock: Clock, *, quiet: bool
) -> None:
    """Show the books until all cameras have ended, or the clock stops."""
    camera_publishers = [camera.camera_publisher for camera in cameras]

    def wait(seconds: float) -> bool:
        """Wait that long; False as soon as there is nothing more to wait for."""
        deadline = clock.seconds() + seconds
        while not clock.stopped:
            if not following.has_stopped and not any(camera.is_going_on for camera in cameras):
                return False
            if clock.seconds() >= deadline:
                return True
            clock.sleep(0.2)
        return False

    if quiet:
        wait(float("inf"))
    elif sys.stdout.isatty():
        with Live(_table(camera_publishers), console=console, transient=True) as live:
            while wait(_TABLE_INTERVAL_S):
                live.update(_table(camera_publishers))
    else:
        while wait(_LINE_INTERVAL_S):
            for camera_publisher in camera_publishers:
                print(
                    f"{camera_publisher.camera_id}: {summary(camera_publisher.accounts.account())}",
                    flush=True,
                )


def _table(camera_publishers: Sequence[CameraPublisher]) -> Table:
    table = Table("camera", "published", "dropped", header_style="bold", box=None, pad_edge=False)
    for camera_publisher in camera_publishers:
        account = camera_publisher.accounts.account()
        drops = ", ".join(f"{n} {reason}" for reason, n in sorted(account.dropped.items()))
        table.add_row(camera_publisher.camera_id, str(account.published), drops or "-")
    return table
