"""`pycturestream dead-letters`: what was refused and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Limit, Since
from pycturestream.cli.output import AsJson, console, errors, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.domain.frames.rejection import Reason
from pycturestream.log.dead_letter_log import DeadLetter, read_dead_letters


@dataclass(slots=True)
class Tally:
    """How many were refused for one reason, of whom, and when last."""

    number: int = 0
    cameras: Counter[str] = field(default_factory=Counter)
    newest: str = ""

    def add(self, letter: DeadLetter) -> None:
        self.number += 1
        self.cameras[letter.camera_id] += 1
        self.newest = max(self.newest, letter.at)


def dead_letters(
    *,
    camera: CameraId = None,
    reason: Annotated[Reason | None, typer.Option(help="Only this reason.")] = None,
    since: Since = None,
    limit: Limit = 20,
    summary: Annotated[
        bool, typer.Option("--summary", help="How many for each reason, no list.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            file_okay=False,
            metavar="FOLDER",
            help="Write those of the list there: the bytes, and beside them a JSON that says why.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was refused and why, while the log keeps it.

    Example: `pycturestream dead-letters --reason truncated --since 5m --save refused`
    """
    tallies: dict[str, Tally] = {}
    with error_mapping(settings()):
        matching = (
            letter
            for letter in read_dead_letters(settings(), since or 0)
            if camera in {None, letter.camera_id} and reason in {None, letter.reason}
        )
        newest = nlargest(limit, _tallied(matching, tallies), key=lambda letter: letter.at)
    if summary:
        _show_summary(tallies, as_json=as_json)
    elif as_json:
        print_json(_fields(letter) for letter in newest)
    else:
        _show(newest, tallies)
    if save:
        _save(newest, save)
        said = f"{len(newest)} saved in {save}"
        (errors if as_json else console).print(said, highlight=False, markup=False)


def _tallied(letters: Iterable[DeadLetter], tallies: dict[str, Tally]) -> Iterator[DeadLetter]:
    """Yield all, each entered: there may be too many for the memory, but not of reasons."""
    for letter in letters:
        tallies.setdefault(letter.reason, Tally()).add(letter)
        yield letter


def _show(letters: Sequence[DeadLetter], tallies: Mapping[str, Tally]) -> None:
    print_table(
        ("when", "camera", "reason", "detail", "bytes"),
        (
            (when(letter.at), letter.camera_id, letter.reason, letter.detail, letter.size)
            for letter in letters
        ),
        empty="nothing was refused",
    )
    if tallies:
        numbers = ", ".join(f"{name} {tally.number}" for name, tally in _most_first(tallies))
        console.print(f"in all: {numbers}", highlight=False, markup=False)


def _show_summary(tallies: Mapping[str, Tally], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "reason": name,
                "count": tally.number,
                "cameras": dict(tally.cameras.most_common()),
                "newest": tally.newest,
            }
            for name, tally in _most_first(tallies)
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
            for name, tally in _most_first(tallies)
        ),
        empty="nothing was refused",
    )


def _most_first(tallies: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    return sorted(tallies.items(), key=lambda item: (-item[1].number, item[0]))


def _fields(letter: DeadLetter) -> dict[str, str]:
    return {name: getattr(letter, name) for name in DeadLetter.__slots__ if name != "value"}


def _save(letters: Sequence[DeadLetter], folder: Path) -> None:
    """Write the original bytes; they may be anything, so the name only says where they stood."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        name = letter.came_from.replace("/", "-")
        (folder / f"{name}.bin").write_bytes(letter.value)
        told = msgspec.json.format(msgspec.json.encode(_fields(letter)), indent=2)
        (folder / f"{name}.json").write_bytes(told + b"\n")
