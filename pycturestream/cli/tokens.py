"""`pycturestream tokens`: access to the alert API, and to the seeing aid."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from pycturestream.api.tokens import Token, TokenError, eye_link, tokens_of
from pycturestream.cli.formatting import when
from pycturestream.cli.options import duration
from pycturestream.cli.output import AsJson, console, errors, print_json, print_table
from pycturestream.cli.qr_code import print_qr_code
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import rfc3339
from pycturestream.errors import CommandError, UsageError

app = typer.Typer(help="Create, list and revoke tokens of the alert API and the seeing aid.")

DEFAULT_LIFE_MS = 90 * 86_400_000
"""Long enough to be convenient, short enough that a lost token expires."""


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="Who uses it; shown with the commands given with it.")],
    camera: Annotated[
        list[str] | None, typer.Option(help="Only this camera; may be repeated. Default: all.")
    ] = None,
    expires: Annotated[
        int | None,
        typer.Option(
            parser=duration, metavar="DURATION", help="After 12h, 90d …", show_default="90d"
        ),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="For reading only.")] = False,
    eye: Annotated[
        bool, typer.Option("--eye", help="For the phone of one person: the seeing aid.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create a token and show it, once: only a hash of it is stored.

    One of the seeing aid is shown as a link and a QR code.

    Example: `pycturestream tokens create --name guard --camera gate --camera door --expires 90d`

    Example: `pycturestream tokens create --eye --name anna`
    """
    if eye and (camera or read_only):
        raise UsageError("--eye can't be used with --camera or --read-only")
    for camera_id in camera or ():
        if not is_camera_id(camera_id):
            raise UsageError(f"{camera_id!r} is not a valid camera id")
    with _token_errors():
        token, text = tokens_of(settings()).create(
            name,
            SystemClock().now(),
            expires or DEFAULT_LIFE_MS,
            cameras=camera or (),
            read_only=read_only,
            kind="eye" if eye else "api",
        )
    link = {"link": eye_link(settings().web, text)} if eye else {}
    if as_json:
        print_json([_record(token) | {"token": text} | link])
        return
    print(*(link.values() or [text]))
    for address in link.values():
        print_qr_code(address)
        if not settings().web_address:
            errors.print(
                "it works on this machine only, until PYCTURESTREAM_WEB_ADDRESS says how phones "
                "reach it, such as https://eye.example.org",
                highlight=False,
                soft_wrap=True,
            )
    errors.print(
        f"for {_cameras(token)}, until {when(rfc3339(token.expires_at))}; it is not shown again",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@app.command("list")
def list_tokens(*, as_json: AsJson = False) -> None:
    """List the tokens, without their secrets.

    Example: `pycturestream tokens list`
    """
    with _token_errors():
        tokens = tokens_of(settings()).all()
    if as_json:
        print_json(map(_record, tokens))
        return
    print_table(
        ("name", "for", "may", "created", "expires"),
        (
            (
                token.name,
                _cameras(token),
                _rights(token),
                when(rfc3339(token.created_at)),
                when(rfc3339(token.expires_at))
                + (" (expired)" if token.expires_at <= SystemClock().now() else ""),
            )
            for token in tokens
        ),
        empty="there are no tokens: `pycturestream tokens create --name NAME`",
    )


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As `pycturestream tokens list` shows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke a token; it stops working at once, and a phone is disconnected within seconds.

    Example: `pycturestream tokens revoke guard`
    """
    with _token_errors():
        tokens_of(settings()).revoke(name)
    if as_json:
        print_json([{"revoked": name}])
    else:
        console.print(f"{name} is revoked", highlight=False, markup=False)


@contextmanager
def _token_errors() -> Iterator[None]:
    try:
        yield
    except TokenError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"tokens are stored in {error.filename}: {error.strerror}") from error


def _rights(token: Token) -> str:
    if token.kind == "eye":
        return "send pictures"
    return "read" if token.read_only else "read and write"


def _cameras(token: Token) -> str:
    return ", ".join(token.cameras) or "all cameras"


def _record(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "kind": token.kind,
        "cameras": list(token.cameras),
        "read_only": token.read_only,
        "created_at": rfc3339(token.created_at),
        "expires_at": rfc3339(token.expires_at),
    }
