"""`pycturestream serve`: the pages, the API, the links in emails, the seeing aid."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from pycturestream.api.lan_certificate import LanCertificate, lan_address, lan_certificate
from pycturestream.api.pages.sign_in import FIRST_PAGE
from pycturestream.api.server import server_config
from pycturestream.api.tokens import TokenError, eye_link, tokens_of
from pycturestream.cli.composition.api import api_application
from pycturestream.cli.output import print_line
from pycturestream.cli.qr_code import print_qr_code
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings, settings
from pycturestream.domain.times import DAY_MS
from pycturestream.errors import CommandError, UsageError
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import ends_as


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
    is_open: Annotated[
        bool,
        typer.Option("--open", help="Ask this machine for no token; only on a loopback address."),
    ] = False,
    lan: Annotated[
        bool,
        typer.Option(
            "--lan",
            help="Try the seeing aid in this network: listen on the machine's address in it, with "
            "a certificate of its own.",
        ),
    ] = False,
    eye: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="With --lan: show a link for this person, valid until the end."
        ),
    ] = None,
) -> None:
    """Serve pages, API and seeing aid until Ctrl-C. For others, put a proxy with TLS in front.

    The local stack has one that is open to this machine.

    Example: `pycturestream serve --recipients recipients.yaml --port 8091`

    Example: `pycturestream serve --lan --eye anna`
    """
    if eye and not lan:
        raise UsageError(
            "--eye needs --lan; `pycturestream tokens create --eye` makes lasting ones"
        )
    if is_open and lan:
        raise UsageError("--open is for this machine alone, and --lan for its network: choose one")
    chosen = settings()
    configure_logs(chosen.log_format, stream="stdout")
    address = (host or lan_address()) if lan else host or chosen.host
    with (
        ends_as(signal.default_int_handler),  # the server ends by itself, and then the token
        _listen(
            address, chosen.ports.web if port is None else port, only_loopback=is_open
        ) as listener,
        api_application(chosen, recipients, is_open=is_open) as app,
        _token_of(eye, chosen) as token,
    ):
        address, number = listener.getsockname()[:2]
        place = f"[{address}]:{number}" if ":" in address else f"{address}:{number}"
        if lan:
            certificate = _certificate(chosen, address)
            config = server_config(app, chosen, ssl_certfile=str(certificate.file))
            _show_lan(f"https://{place}", token, certificate)
        else:
            config = server_config(app, chosen)
            access = "open to this machine" if is_open else "`pycturestream tokens create` opens it"
            print_line(f"http://{place}{FIRST_PAGE}, {access}; API: /openapi.json")
        uvicorn.Server(config).run(sockets=[listener])


def _show_lan(web: str, token: str, certificate: LanCertificate) -> None:
    link = eye_link(web, token) if token else f"{web}/eye"
    print_line(link)
    print_qr_code(link)
    print_line("The browser will warn of the certificate. Go on only if its SHA-256 fingerprint is")
    print_line(certificate.fingerprint)


@contextmanager
def _token_of(name: str | None, chosen: Settings) -> Iterator[str]:
    """Yield the text of an eye token that is revoked at the end; empty without a name."""
    if name is None:
        yield ""
        return
    tokens = tokens_of(chosen)
    try:
        token, text = tokens.create(name, SystemClock().now(), DAY_MS, kind="eye")
    except TokenError as error:
        raise CommandError(str(error)) from error
    try:
        yield text
    finally:
        with suppress(TokenError):  # somebody else has revoked it
            tokens.revoke(token.name)


def _certificate(chosen: Settings, address: str) -> LanCertificate:
    if ip_address(address).is_unspecified:
        raise UsageError(f"--lan needs one address, and --host {address} is every address")
    try:
        return lan_certificate(chosen, address, datetime.now(UTC))
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error


def _listen(host: str, port: int, *, only_loopback: bool) -> socket.socket:
    try:
        family, *_, found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if only_loopback and not ip_address(found[0]).is_loopback:
            raise UsageError(
                f"--open is for this machine alone, and {host} is not a loopback address"
            )
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CommandError(
            f"can't listen on {host}:{port}: {error.strerror}; the local stack may have its pages "
            "there: choose another with --port, or move all ports with "
            "PYCTURESTREAM_PORT_OFFSET=1000"
        ) from error
