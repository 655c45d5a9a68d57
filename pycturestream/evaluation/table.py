"""CSV files that people fill in by hand; errors name the line."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pycturestream.evaluation.ground_truth import GroundTruthError

Row = TypeVar("Row")


def read_table(
    path: Path, columns: Sequence[str], read: Callable[[Sequence[str]], Row]
) -> tuple[Row, ...]:
    """Return the rows below the header, each read by `read`, which raises ValueError.

    Raises GroundTruthError with the line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = [*csv.reader(file)] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise GroundTruthError(f"{path}: can't be read: {error}") from error
    wanted = ",".join(columns)
    if header != list(columns):
        raise GroundTruthError(f"{path}:1: expected the columns {wanted}")
    found = []
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise GroundTruthError(
                f"{path}:{number}: {len(row)} fields, expected {len(columns)}: {wanted}"
            )
        try:
            found.append(read(row))
        except ValueError as error:
            raise GroundTruthError(f"{path}:{number}: {error}") from error
    return tuple(found)


def frame_index(text: str) -> int:
    """Return a frame's index from 0; people count from 1. Raises ValueError."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"frame {text!r}: expected a number from 1")
    return int(text) - 1


def flag(name: str, text: str) -> bool:
    """Return 0 as False and 1 as True. Raises ValueError for anything else."""
    if text not in {"0", "1"}:
        raise ValueError(f"{name} {text!r}: expected 0 or 1")
    return text == "1"
