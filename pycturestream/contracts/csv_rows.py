"""Rows as CSV, for spreadsheets."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any, Final

import msgspec

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet read a text as a formula; people write reasons and names."""


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows with a header line; null is empty, and lists are JSON."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    match value:
        case str() if value.startswith(FORMULA_SIGNS):
            return f"'{value}"
        case list() | dict():
            return msgspec.json.encode(value).decode()
    return value
