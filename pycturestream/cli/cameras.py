"""`pycturestream cameras`: checks, applies and lists the settings of cameras."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from producers.source import is_recorded
from producers.video_file import fault_of_video
from pycturestream.application.cameras import apply_cameras
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import AsJson, errors, print_json, print_line, print_table
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import (
    CameraEntry,
    plain_passwords,
    read_camera_file,
)
from pycturestream.config.settings import settings
from pycturestream.config.source_address import is_address, unset_variables
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.proofs import FrameSigner
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.camera_changes import CameraChange
from pycturestream.errors import CommandError
from pycturestream.log.cameras import SettingsPublishError, known_cameras, public
from pycturestream.public_address import without_secrets

app = typer.Typer(help="Check, apply and list the settings of cameras.")

File = Annotated[Path, typer.Argument(help="cameras.yaml")]


@app.command()
def check(file: File, *, as_json: AsJson = False) -> None:
    """Check a camera file for mistakes, and whether this machine could run it.

    Files and folders must exist, videos must be ones that can be decoded, and environment
    variables that it uses must be set.

    Example: `pycturestream cameras check cameras.yaml`
    """
    entries = read_camera_file(file)
    for warning in (*plain_passwords(entries), *_keys_of_others(entries)):
        errors.print(f"warning: {warning}", soft_wrap=True, highlight=False, markup=False)
    if missing := list(_requirements_missing(entries, file.parent)):
        raise CommandError("\n".join(missing))
    _show([public(entry.camera) for entry in entries], {}, as_json=as_json)


@app.command()
def apply(
    file: File,
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove cameras that are not in the file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Apply the settings of a camera file. Jobs and producers take them over without a restart.

    Only changes are published, and nothing if the file has a mistake.

    Example: `pycturestream cameras apply cameras.yaml`
    """
    cameras = [entry.camera for entry in read_camera_file(file)]
    try:
        changes = apply_cameras(cameras, settings(), SystemClock(), prune=prune)
    except SettingsPublishError as error:
        raise CommandError(f"{error}: start the stack with `pycturestream up`") from error
    if as_json:
        print_json(
            {"camera_id": change.camera_id, "change": change.kind, "keys": list(change.keys)}
            for change in changes
        )
        return
    for change in changes:
        print_line(_sentence(change, file))
    counts = Counter(change.kind for change in changes)
    print(", ".join(f"{number} {kind}" for kind, number in counts.items()))


@app.command()
def key(*, as_json: AsJson = False) -> None:
    """Print the key of this computer's producers, for `sender_key` in a camera file.

    It belongs to PYCTURESTREAM_SENDER_TOKEN; where that is not set, a new token is printed too.
    Frames of a camera with a sender key are refused unless their producer has the token.

    Example: `pycturestream cameras key`
    """
    token = settings().sender_token.get_secret_value()
    made = "" if token else secrets.token_urlsafe()
    sender_key = FrameSigner(token or made).sender_key
    if as_json:
        print_json([{"sender_key": sender_key} | ({"token": made} if made else {})])
        return
    if made:
        print_line(f"export PYCTURESTREAM_SENDER_TOKEN={made}  # where the producer runs; secret")
    print_line(f"sender_key: {sender_key}  # in cameras.yaml; not secret")


@app.command("list")
def list_cameras(*, as_json: AsJson = False) -> None:
    """List the current settings of all cameras.

    Example: `pycturestream cameras list`
    """
    cameras, unreadable = [], {}
    with error_mapping(settings()):
        known = known_cameras(settings())
    for camera_id, data in sorted(known.items()):
        try:
            cameras.append(public(decode_camera(data, camera_id)))
        except CodecError as error:
            unreadable[camera_id] = str(error)
    _show(cameras, unreadable, as_json=as_json)


def _requirements_missing(entries: Sequence[CameraEntry], folder: Path) -> Iterator[str]:
    """Yield what the cameras need and this machine lacks."""
    for entry in entries:
        source = entry.camera.source
        place = f"{entry.source_at}: {entry.camera.camera_id}"
        for name in unset_variables(source, os.environ) if is_address(source) else ():
            yield f"{place}: {name} is not set in the environment"
        if entry.camera.size == "full" and not settings().reference_folder:
            yield f"{place}: `size: full` needs PYCTURESTREAM_REFERENCE_FOLDER to be set"
        if source and is_recorded(source):
            path = folder / Path(source).expanduser()
            if not path.exists():
                yield f"{place}: {without_secrets(source)!r}: no such file or folder"
            elif path.is_file() and (fault := fault_of_video(path, settings().picture_pixel_limit)):
                yield f"{place}: {fault}"


def _keys_of_others(entries: Sequence[CameraEntry]) -> Iterator[str]:
    """Yield a warning for each camera whose frames would be refused if this machine sent them."""
    token = settings().sender_token.get_secret_value()
    own = FrameSigner(token).sender_key if token else ""
    for entry in entries:
        camera = entry.camera
        if camera.sender_key and camera.sender_key != own:
            yield (
                f"{entry.source_at}: {camera.camera_id}: its sender_key is not that of "
                "PYCTURESTREAM_SENDER_TOKEN here: frames that this machine sends would be refused"
            )


def _sentence(change: CameraChange, file: Path) -> str:
    match change.kind:
        case "changed":
            return f"{change.camera_id}: changed {', '.join(change.keys)}"
        case "missing":
            return f"{change.camera_id}: not in {file.name}, and kept (--prune removes it)"
        case kind:
            return f"{change.camera_id}: {kind}"


def _show(cameras: Sequence[Camera], unreadable: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        records: list[dict[str, Any]] = [msgspec.to_builtins(camera) for camera in cameras]
        records += [{"camera_id": name, "unreadable": why} for name, why in unreadable.items()]
        print_json(records)
        return
    print_table(
        ("camera", "site", "source", "fps", "size", "motion", "masks", "zones", "rules"),
        (
            *(_row(camera) for camera in cameras),
            *((name, "", f"can't be read: {why}") for name, why in unreadable.items()),
        ),
        empty="there are no cameras: `pycturestream cameras apply cameras.yaml`",
    )


def _row(camera: Camera) -> tuple[str, ...]:
    following = camera.attention
    rate = f"{camera.fps:g}" if camera.fps else "-"
    return (
        camera.camera_id,
        camera.site or "-",
        camera.source or "-",
        f"{rate} ({following.idle_fps:g} to {following.alert_fps:g})" if following else rate,
        camera.size,
        camera.motion.gate,
        ", ".join(mask.name for mask in camera.masks) or "-",
        ", ".join(zone.name for zone in camera.zones) or "-",
        ", ".join(rule.name for rule in camera.rules) or "-",
    )
