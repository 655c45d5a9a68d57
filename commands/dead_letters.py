"""`pycturestream dead-letters`: what was refused and why."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from commands.options import CameraId, Limit, SaveFolder
from commands.output import AsJson, console, errors, print_json, print_table
from commands.reaching import reaching
from commands.wording import when
from pycturestream.settings import settings
from stores.dead_letter_log import DeadLetter, read_dead_letters


def dead_letters(
    *,
    camera: CameraId = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason: not-jpeg.")] = None,
    limit: Limit = 20,
    save: SaveFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show what was refused and why, while the log keeps it.

    Example: `pycturestream dead-letters --reason truncated --save refused`
    """
    with reaching(settings()):
        matching = [
            letter
            for letter in read_dead_letters(settings())
            if camera in {None, letter.camera_id} and reason in {None, letter.reason}
        ]
    newest = sorted(matching, key=lambda letter: letter.at, reverse=True)[:limit]
    if as_json:
        print_json(_fields(letter) for letter in newest)
    else:
        print_table(
            ("when", "camera", "reason", "detail", "bytes"),
            (
                (when(letter.at), letter.camera_id, letter.reason, letter.detail, letter.size)
                for letter in newest
            ),
            empty="nothing was refused",
        )
        by_reason = Counter(letter.reason for letter in matching).most_common()
        if by_reason:
            summary = ", ".join(f"{name} {number}" for name, number in by_reason)
            console.print(f"in all: {summary}", highlight=False, markup=False)
    if save:
        _save(newest, save)
        said = f"{len(newest)} saved in {save}"
        (errors if as_json else console).print(said, highlight=False, markup=False)


def _fields(letter: DeadLetter) -> dict[str, str]:
    return {name: getattr(letter, name) for name in DeadLetter.__slots__ if name != "value"}


def _save(letters: Sequence[DeadLetter], folder: Path) -> None:
    """Write the original bytes; they may be anything, so the name only says where they stood."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        name = letter.came_from.replace("/", "-")
        (folder / f"{name}.bin").write_bytes(letter.value)
