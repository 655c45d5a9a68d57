"""How figures look on the console: small tables, readable at 100 columns."""

from collections.abc import Sequence

from rich.table import Table


def make_table(title: str, columns: Sequence[str]) -> Table:
    """Return a table of names and numbers without rows."""
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=None
    )
    first, *others = columns
    table.add_column(first)
    for column in others:
        table.add_column(column, justify="right")
    return table
