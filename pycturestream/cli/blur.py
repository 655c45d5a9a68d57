"""`pycturestream blur`: copies of pictures in which the heads of people are grey."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.cli.output import AsJson, errors, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError, UsageError


def blur(
    pictures: Annotated[
        list[Path], typer.Argument(help="JPEG files.", exists=True, dir_okay=False)
    ],
    output: Annotated[
        Path, typer.Option(file_okay=False, metavar="FOLDER", help="Write the copies there.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Write copies of pictures in which the heads of people are grey.

    Faces that are found, and the upper part of each person. Clothes, number plates and everything
    else stay as they are, and a head may be missed: docs/blur.md says how often.

    Example: `pycturestream blur gate.jpg plaza.jpg --output blurred`
    """
    _check(pictures, output)
    rows = list(_blur(pictures, output))
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("picture", "faces", "people", "written"),
            (tuple(row.values()) for row in rows),
            empty="no picture was blurred",
        )
    if failed := len(pictures) - len(rows):
        raise CommandError(f"{failed} of {len(pictures)} pictures could not be blurred")


def _check(pictures: Sequence[Path], output: Path) -> None:
    """Raise UsageError if a copy would replace a picture, or another copy."""
    stems = Counter(picture.stem for picture in pictures)
    for picture in pictures:
        if stems[picture.stem] > 1:
            raise UsageError(f"{picture.name} is given more than once: blur them one after another")
        if picture.resolve().parent == output.resolve():
            raise UsageError(f"--output: {output} holds {picture.name} itself; choose another")


def _blur(pictures: Sequence[Path], output: Path) -> Iterator[dict[str, str | int]]:
    """Write the copies; return what was covered in each. One that can't be read is reported."""
    # Loading the models takes a second, which `--help` and wrong use need not wait for.
    from pycturestream.domain.frames.rejection import Rejection  # noqa: PLC0415
    from pycturestream.pictures.unrecorded_pictures import UnrecordedPictures  # noqa: PLC0415
    from pycturestream.pixels import encode_outgoing  # noqa: PLC0415

    unrecorded = UnrecordedPictures(settings())
    for picture in pictures:
        try:
            blurred = unrecorded.blur(picture.read_bytes())
            written = output / f"{picture.stem}.jpg"
            output.mkdir(parents=True, exist_ok=True)
            written.write_bytes(encode_outgoing(blurred.pixels))
        except Rejection as rejection:
            _report(f"{picture}: {rejection}")
        except OSError as error:
            _report(f"{error.filename}: {error.strerror}")
        else:
            yield {
                "picture": str(picture),
                "faces": blurred.faces,
                "people": blurred.people,
                "written": str(written),
            }


def _report(message: str) -> None:
    errors.print(message, soft_wrap=True, highlight=False, markup=False)
