"""What every part of the benchmark gets, and what it returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from benchmarks.plan import Plan
from benchmarks.usage import Recorder
from pycturestream.config.settings import Settings
from pycturestream.localstack.launch import Report


@dataclass(frozen=True, slots=True)
class Finding:
    """What a part found out."""

    figures: dict[str, Any]
    """As they will stand in JSON."""
    tables: Sequence[Table]


@dataclass(slots=True)
class Bench:
    """A system that runs for the benchmark alone, and what the parts share."""

    settings: Settings
    plan: Plan
    jpegs: Sequence[bytes]
    """The pictures; shorter than a run, which begins again at their end."""
    recorder: Recorder
    report: Report
    """Says how it goes: a name, and what happens."""
    throughput: float | None = None
    """Pictures a second of the whole system, once it is known."""

    def beside(self, folder: str) -> Settings:
        """Return settings of a server beside those of the system, with a new folder for its data.

        Only one of a kind can run at a time.
        """
        data = self.settings.data_folder / folder
        data.mkdir(mode=0o755)
        return self.settings.model_copy(
            update={"port_offset": self.settings.port_offset + 7, "data_folder": data}
        )

    def jpeg(self, number: int) -> bytes:
        return self.jpegs[number % len(self.jpegs)]


def make_table(title: str, columns: Sequence[str]) -> Table:
    """Return a table for names and numbers without rows, readable at 100 columns."""
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=None
    )
    first, *others = columns
    table.add_column(first)
    for column in others:
        table.add_column(column, justify="right")
    return table
