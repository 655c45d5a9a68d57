"""`pycturestream serve`: the alert API, and the pages behind the links in mails."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from pycturestream.api.application import application
from pycturestream.api.links import links_of
from pycturestream.api.tokens import tokens_of
from pycturestream.application.alerts import AlertService
from pycturestream.application.recipients import RecipientService
from pycturestream.cli.alert_context import now
from pycturestream.cli.errors import CommandError
from pycturestream.cli.notify import open_book
from pycturestream.cli.output import console, say
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings, settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.cameras import FollowedCameras
from pycturestream.stores.elasticsearch import connect

END_S = 5
"""How long requests may take to end after Ctrl-C."""


def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="Listen here; 0.0.0.0 in a container. Default: loopback.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Default: 8090.")] = None,
    recipients: Annotated[
        Path | None,
        typer.Option(help="recipients.yaml: who can be listed, and sent a test message."),
    ] = None,
) -> None:
    """Serve the alert API until Ctrl-C. Put a proxy with TLS in front of it.

    Example: `pycturestream serve --recipients recipients.yaml`
    """
    chosen = settings()
    recipient_service = _recipient_service(recipients, chosen) if recipients else None
    try:
        tokens, links = tokens_of(chosen), links_of(chosen)
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    rate_control = _listen(host or chosen.host, chosen.ports.web if port is None else port)
    with rate_control, connect(chosen) as client:
        patience_s = chosen.store_timeout_ms / 1000
        followed, cameras = FollowedAlertCommands(chosen), FollowedCameras(chosen)

        def known() -> AlertCommands:
            # "Nobody looks after it" is not to be said before what people say was read.
            followed.require(patience_s)
            return followed.known

        def known_cameras() -> Mapping[str, Camera]:
            cameras.require(patience_s)
            return cameras.cameras

        try:
            service = AlertService(chosen, client, known, known_cameras)
            app = application(service, tokens, links, now, recipient_service)
            address, number = rate_control.getsockname()[:2]
            console.print(
                f"http://{address}:{number}/api/alerts, described at /openapi.json",
                soft_wrap=True,
                highlight=False,
            )
            config = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,  # the addresses of links are secrets
                server_header=False,
                timeout_graceful_shutdown=END_S,
            )
            uvicorn.Server(config).run(sockets=[rate_control])
        finally:
            cameras.close()
            followed.close()


def _recipient_service(file: Path, settings: Settings) -> RecipientService:
    return RecipientService(open_book(file, say), settings, SystemClock())


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CommandError(
            f"can't listen on {host}:{port}: {error.strerror}; choose another with --port, or move "
            "all ports with PYCTURESTREAM_PORT_OFFSET=1000"
        ) from error
