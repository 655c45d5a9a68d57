"""`pycturestream dead-letters`: what was rejected and why."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pycturestream.application.dead_letters import Tally, newest_and_tallies
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Limit, Since
from pycturestream.cli.output import AsJson, console, errors, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.domain.frames.rejection import Reason
from pycturestream.errors import UsageError
from pycturestream.log.dead_letters import LoggedDeadLetter, read_dead_letters


def dead_letters(
    *,
    camera: CameraId = None,
    reason: Annotated[Reason | None, typer.Option(help="Only this reason.")] = None,
    since: Since = None,
    limit: Limit = 20,
    summary: Annotated[
        bool, typer.Option("--summary", help="Only the number for each reason.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            file_okay=False,
            metavar="FOLDER",
            help="Save the listed ones there: a picture that can be decoded, blurred, and a JSON "
            "file with the reason.",
        ),
    ] = None,
    original: Annotated[
        bool,
        typer.Option(
            "--original",
            help="Don't blur, and save the bytes of what can't be decoded: only for cameras with "
            "`originals: true` in cameras.yaml.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was rejected and why, as long as the log keeps it.

    Example: `pycturestream dead-letters --reason truncated --since 5m --save rejected`
    """

    def is_wanted(letter: LoggedDeadLetter) -> bool:
        return camera in {None, letter.camera_id} and reason in {None, letter.reason}

    if original and not save:
        raise UsageError("--original says how pictures are saved: give --save too")
    with error_mapping(settings()):
        letters = read_dead_letters(settings(), since or 0)
        newest, tallies = newest_and_tallies(letters, limit, is_wanted)
        saved = _save(newest, save, original=original) if save else ""
    if summary:
        _show_summary(tallies, as_json=as_json)
    elif as_json:
        print_json(_fields(letter) for letter in newest)
    else:
        _show(newest, tallies)
    if saved:
        (errors if as_json else console).print(saved, highlight=False, markup=False)


def _show(letters: Sequence[LoggedDeadLetter], tallies: Mapping[str, Tally]) -> None:
    print_table(
        ("when", "camera", "reason", "detail", "bytes"),
        (
            (when(letter.at), letter.camera_id, letter.reason, letter.detail, letter.size)
            for letter in letters
        ),
        empty="nothing was rejected",
    )
    if tallies:
        numbers = ", ".join(f"{name} {tally.number}" for name, tally in tallies.items())
        console.print(f"total: {numbers}", highlight=False, markup=False)


def _show_summary(tallies: Mapping[str, Tally], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "reason": name,
                "count": tally.number,
                "cameras": dict(tally.cameras.most_common()),
                "newest": tally.newest,
            }
            for name, tally in tallies.items()
        )
        return
    print_table(
        ("reason", "count", "newest", "cameras"),
        (
            (
                name,
                tally.number,
                when(tally.newest),
                ", ".join(f"{camera} {number}" for camera, number in tally.cameras.most_common()),
            )
            for name, tally in tallies.items()
        ),
        empty="nothing was rejected",
    )


def _fields(letter: LoggedDeadLetter) -> dict[str, str]:
    return {name: getattr(letter, name) for name in LoggedDeadLetter.__slots__ if name != "value"}


def _save(letters: Sequence[LoggedDeadLetter], folder: Path, *, original: bool) -> str:
    """Write what was rejected, and return how much that is.

    It may be anything, so the files are named after its place. Raises OriginalsNotAllowedError,
    and ModelError and FaceModelError where nothing can be blurred.
    """
    # Loading the models takes a second, which a list need not wait for.
    from pycturestream.pictures.dead_letter_pictures import take_out  # noqa: PLC0415

    saved = 0
    for letter, outgoing in take_out(settings(), letters, original=original):
        folder.mkdir(parents=True, exist_ok=True)
        name = letter.came_from.replace("/", "-")
        if outgoing.jpeg is not None:
            (folder / f"{name}.jpg").write_bytes(outgoing.jpeg)
        elif outgoing.other is not None:
            (folder / f"{name}.bin").write_bytes(outgoing.other)
        saved += not outgoing.left_out
        fields = _fields(letter) | ({"left_out": outgoing.left_out} if outgoing.left_out else {})
        content = msgspec.json.format(msgspec.json.encode(fields), indent=2)
        (folder / f"{name}.json").write_bytes(content + b"\n")
    summary = f"{saved} saved in {folder}"
    if left_out := len(letters) - saved:
        summary += f"; of {left_out} only the reason: `left_out` in the JSON says why"
    return summary
