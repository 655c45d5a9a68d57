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
from pycturestream.domain.frames.rejection import Reason, Rejection
from pycturestream.log.dead_letters import LoggedDeadLetter, read_dead_letters
from pycturestream.pixels import encode_anew


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
            help="Save the listed ones there: the bytes (a picture that can be decoded: encoded "
            "anew), and a JSON file with the reason.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was rejected and why, as long as the log keeps it.

    Example: `pycturestream dead-letters --reason truncated --since 5m --save rejected`
    """

    def is_wanted(letter: LoggedDeadLetter) -> bool:
        return camera in {None, letter.camera_id} and reason in {None, letter.reason}

    with error_mapping(settings()):
        letters = read_dead_letters(settings(), since or 0)
        newest, tallies = newest_and_tallies(letters, limit, is_wanted)
    if summary:
        _show_summary(tallies, as_json=as_json)
    elif as_json:
        print_json(_fields(letter) for letter in newest)
    else:
        _show(newest, tallies)
    if save:
        _save(newest, save)
        summary_line = f"{len(newest)} saved in {save}"
        (errors if as_json else console).print(summary_line, highlight=False, markup=False)


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


def _save(letters: Sequence[LoggedDeadLetter], folder: Path) -> None:
    """Write what was rejected; it may be anything, so the file is named after its place."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        name = letter.came_from.replace("/", "-")
        picture = _picture(letter)
        (folder / f"{name}.{'jpg' if picture else 'bin'}").write_bytes(picture or letter.value)
        content = msgspec.json.format(msgspec.json.encode(_fields(letter)), indent=2)
        (folder / f"{name}.json").write_bytes(content + b"\n")


def _picture(letter: LoggedDeadLetter) -> bytes | None:
    """Return the rejected picture as it may be shown; None where it is none, or a dangerous one.

    Only the original bytes show why those can't be processed.
    """
    if letter.reason == "detector-failed":
        return None
    try:
        return encode_anew(letter.value, settings().picture_pixel_limit)
    except Rejection:
        return None
