"""Rows as CSV, for spreadsheets."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any, Final, TextIO

import msgspec

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\n")
"""What makes a spreadsheet read a text as a formula; people write reasons and names."""


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows with a header line, as `write_csv` has them."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO()
    write_csv(text, [columns, *([row.get(name) for name in columns] for row in rows)], "\r\n")
    return text.getvalue()


def write_csv(file: TextIO, rows: Iterable[Iterable[Any]], line_end: str = "\n") -> None:
    """Write rows as lines: null is empty, lists are JSON, and no text is read as a formula."""
    csv.writer(file, lineterminator=line_end).writerows(map(_cell, row) for row in rows)


def _cell(value: Any) -> Any:
    match value:
        case str():
            # A lone carriage return is not quoted, and a spreadsheet begins a row after it.
            text = value.replace("\r", "\n")
            return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
        case list() | dict():
            return msgspec.json.encode(value).decode()
    return value
