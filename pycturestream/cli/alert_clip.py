"""`pycturestream alerts clip`: the archived pictures of an alert as a video."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.options import Original
from pycturestream.cli.output import AsJson, print_json, print_line
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError, UsageError

if TYPE_CHECKING:
    from pycturestream.application.archived_alerts import ReadPicture
    from pycturestream.pixels import Pixels


def clip(
    alert_id: Annotated[str, typer.Argument(help="As `pycturestream alerts` shows it.")],
    *,
    output: Annotated[
        Path, typer.Option(dir_okay=False, metavar="FILE", help="The video: a name in .mp4.")
    ],
    original: Original = False,
    as_json: AsJson = False,
) -> None:
    """Put the archived pictures of an alert together as a short video (MP4, H.264).

    Of an alert that is locked, exactly those that are. Heads of people are covered, also where the
    archive holds originals.

    Example: `pycturestream alerts clip 'people:gate_20261121T090000125Z#0' --output alert.mp4`
    """
    if output.suffix.lower() != ".mp4":
        raise UsageError(f"--output {output}: the name must end in .mp4")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"--output {output}: there is no such folder")
    # FFmpeg and OpenCV take a second, which `alerts` need not wait for.
    from pycturestream.application.archived_alerts import (  # noqa: PLC0415
        clip_of_alert,
        find_lock,
        make_clip,
    )
    from pycturestream.archive.archive import Archive  # noqa: PLC0415
    from pycturestream.archive.locks import LockSigner, fault_of  # noqa: PLC0415

    archive = Archive.of(settings())
    locked = find_lock(archive, alert_id)
    with error_mapping(settings()):
        if locked:
            if fault := fault_of(locked, LockSigner(settings()).public_key):
                raise CommandError(f"the lock of {alert_id}: {fault}")
            read = _reader(locked.camera_id, original=original)
            made = make_clip(archive, locked.pictures, output, read)
        else:
            with alert_service() as service:
                alert = service.alert(alert_id)
            read = _reader(alert["camera_id"], original=original)
            made = clip_of_alert(archive, alert, output, read, now())
    if as_json:
        print_json(
            [
                {
                    "alert_id": alert_id,
                    "output": str(output),
                    "pictures": made.pictures,
                    "seconds": made.length_ms / 1000,
                    "left_out": made.left_out,
                }
            ]
        )
        return
    left_out = f"; {made.left_out} are gone or damaged" if made.left_out else ""
    print_line(f"{output}: {made.pictures} pictures, {made.length_ms / 1000:.1f} s{left_out}")


def _reader(camera_id: str, *, original: bool) -> "ReadPicture":
    """Return what decodes a picture, and blurs it unless `original`.

    Also one that is blurred by its description, which is not signed: covering a head twice does no
    harm. Raises OriginalsNotAllowedError.
    """
    from pycturestream.pictures.originals import require_originals  # noqa: PLC0415 - see above
    from pycturestream.pictures.unrecorded_pictures import UnrecordedPictures  # noqa: PLC0415
    from pycturestream.pixels import decode  # noqa: PLC0415

    if original:
        require_originals(settings(), {camera_id})
    pictures = UnrecordedPictures(settings())

    def read(jpeg: bytes) -> "Pixels":
        if original:
            return decode(jpeg, settings().picture_pixel_limit)
        return pictures.blur(jpeg).pixels

    return read
