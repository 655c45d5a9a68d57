"""What commands print: tables for people, JSON lines for machines."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="One JSON record a line, for machines.")]

PIPE_WIDTH = 200
"""Columns of a table in a pipe or a file, which have no width."""

console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
errors = Console(stderr=True)


def print_line(text: str) -> None:
    """Print a sentence without breaking lines, so that it can be copied and searched."""
    console.print(text, soft_wrap=True, highlight=False, markup=False)


def print_json(records: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON record a line, and nothing else."""
    for record in records:
        sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table, or the sentence `empty` where there are no rows."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")  # a truncated id is useless
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table if table.row_count else empty)
