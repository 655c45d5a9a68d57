"""`pycturestream serve`: the alert API, and the pages behind the links in emails."""

import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from pycturestream.cli.composition.api import api_application
from pycturestream.cli.output import console
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError
from pycturestream.logging_setup import configure_logs

END_S = 5
"""How long requests may take to end after Ctrl-C."""


def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on; 0.0.0.0 in a container. Default: loopback."),
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Default: 8090.")] = None,
    recipients: Annotated[
        Path | None,
        typer.Option(help="recipients.yaml: these can be listed, and sent a test message."),
    ] = None,
) -> None:
    """Serve the alert API until Ctrl-C. Put a proxy with TLS in front of it.

    Example: `pycturestream serve --recipients recipients.yaml`
    """
    chosen = settings()
    configure_logs(chosen.log_format, stream="stdout")
    with (
        _listen(host or chosen.host, chosen.ports.web if port is None else port) as listener,
        api_application(chosen, recipients) as app,
    ):
        address, number = listener.getsockname()[:2]
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
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CommandError(
            f"can't listen on {host}:{port}: {error.strerror}; choose another with --port, or move "
            "all ports with PYCTURESTREAM_PORT_OFFSET=1000"
        ) from error
