"""Reaches the alerts and what people say of them."""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated

import typer

from pycturestream.application.alerts import AlertService, Json
from pycturestream.cli.errors import CommandError
from pycturestream.cli.store_errors import reaching
from pycturestream.config.settings import settings
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.log.alert_commands import known_alert_commands
from pycturestream.log.cameras import known_cameras
from pycturestream.stores.elasticsearch import connect

AlertId = Annotated[str, typer.Argument(help="As `pycturestream alerts` shows it.")]
By = Annotated[
    str, typer.Option(help="Who says so.", default_factory=getpass.getuser, show_default="you")
]
TakeBack = Annotated[bool, typer.Option("--take-back", help="It is not so any more.")]


@contextmanager
def alert_service() -> Iterator[AlertService]:
    """Yield the desk. What can't be reached becomes a CommandError."""
    with reaching(settings()), connect(settings()) as client:

        @cache
        def known() -> AlertCommands:
            return known_alert_commands(settings())

        yield AlertService(settings(), client, known, _cameras)


def _cameras() -> dict[str, Camera]:
    return {name: camera_of(name, data) for name, data in known_cameras(settings()).items()}


def camera_of(camera_id: str, data: bytes | None) -> Camera:
    """Return the settings that hold; as in the job, the defaults where none can be read."""
    try:
        return decode_camera(data or b"", camera_id)
    except CodecError:
        return Camera(camera_id)


def alert_of(service: AlertService, alert_id: str) -> Json:
    """Return an alert. Raises CommandError where there is none."""
    alert = service.alert(alert_id)
    if alert is None:
        raise CommandError(f"there is no alert {alert_id}: `pycturestream alerts` lists them")
    return alert


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)
