"""What commands print: tables for people, JSON lines for machines."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="One JSON record a line, for machines.")]

console = Console()
errors = Console(stderr=True)


def print_json(records: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON record a line, and nothing else."""
    for record in records:
        sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table, or the sentence `empty` where there are no rows."""
    table = Table(*columns, header_style="bold", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table if table.row_count else empty)
