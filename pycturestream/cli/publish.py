"""`pycturestream publish`: one source, as one camera, until it ends or Ctrl-C."""

from pathlib import Path
from typing import Annotated, Any

import typer

from producers.camera_publisher import CameraPublisher
from producers.known_settings import ByKnownSettings
from producers.picture import SourceError
from producers.publish_accounting import Account
from producers.publisher import Publisher
from producers.source import SourceOptions, is_recorded, open_source
from producers.supervisor import Supervisor
from producers.watched_folder import WatchedFolder
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.config.source_address import is_address
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Mode, is_camera_id
from pycturestream.domain.times import parse_rfc3339, rfc3339
from pycturestream.log.cameras import FollowedCameras
from pycturestream.signals import until_interrupted

_LOOK_S = 0.1
"""How often a wait looks whether the end has come."""


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

    What `pycturestream cameras apply` says of the camera holds here too: masks, motion, size.

    Example: `pycturestream publish samples/plaza.mp4 --camera plaza --fps 2 --loop`
    """
    if not is_camera_id(camera):
        raise UsageError(f"--camera {camera}: expected 1 to 64 of A-Z a-z 0-9 . _ -")
    if mode == "replay" and (loop or not is_recorded(source)):
        raise UsageError("--mode replay needs a file or folder, and no --loop: it must end")
    if watch and (mode == "replay" or loop or not Path(source).is_dir()):
        raise UsageError("--watch needs a folder that is there, live, and no --loop")
    patience_s = settings().camera_patience_ms / 1000
    options = SourceOptions(
        mode, fps, loop, _start(start), settings().default_fps, watch, patience_s
    )
    with until_interrupted() as stop:
        clock = SystemClock(stop)
        began = clock.seconds()
        try:
            opened = open_source(source, options)
            if isinstance(opened, WatchedFolder) and (history := opened.history()):
                warn(f"{source}: {history} pictures are there already: left alone, as history")
            publisher = Publisher(settings(), mode, clock)
            followed = FollowedCameras(settings())
            camera_publisher = CameraPublisher(
                Camera(camera), mode, publisher, clock, settings(), warn
            )
            try:
                if not (publisher.connect() and _are_known(followed, mode, clock)) and (
                    not stop.is_set()
                ):
                    warn(
                        f"Kafka at {settings().kafka} does not answer, and pictures are dropped "
                        "until it does: start the stack with `pycturestream up`"
                    )
                wanted = ByKnownSettings(opened, camera_publisher, followed)
                if watch or is_address(source):
                    supervisor = Supervisor(
                        camera_publisher, clock, settings(), warn, publisher.report
                    )
                    supervisor.run(lambda: wanted)
                else:
                    camera_publisher.once(wanted)
            finally:
                followed.close()
                publisher.close()
        except SourceError as error:
            raise CommandError(str(error)) from error
        account = camera_publisher.accounts.account()
        seconds = round(clock.seconds() - began, 3)
    if as_json:
        print_json([as_record(camera, account, seconds)])
    else:
        print(f"{camera}: {summary(account)} in {seconds:.1f} s")


def _are_known(followed: FollowedCameras, mode: Mode, clock: SystemClock) -> bool:
    """Wait for the settings of cameras: live as long as for a picture, in a replay to the end."""
    deadline = clock.seconds() + settings().live_delivery_timeout_ms / 1000
    while not followed.wait(_LOOK_S):
        if clock.stopped or (mode == "live" and clock.seconds() > deadline):
            return False
    return True


def warn(line: str) -> None:
    """Print a line for people, beside the data."""
    errors.print(line, soft_wrap=True, highlight=False, markup=False)


def summary(account: Account) -> str:
    """Return the books in words."""
    drops = ", ".join(f"{count} {reason}" for reason, count in sorted(account.dropped.items()))
    return f"{account.published} published, {drops or 'none'} dropped"


def as_record(camera_id: str, account: Account, seconds: float) -> dict[str, Any]:
    """Return the books as JSON has them."""
    first, last = account.first_captured_at, account.last_captured_at
    return {
        "camera_id": camera_id,
        "published": account.published,
        "dropped": account.dropped,
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
        raise UsageError(f"--start {text}: expected such as 2026-11-21T09:00:00Z") from error
