"""What every part of the benchmark is handed, and what it hands back."""

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
    tell: Report
    """Says how it goes: a name, and what happens."""
    throughput: float | None = None
    """Pictures a second of the whole system, once it is known."""

    def jpeg(self, number: int) -> bytes:
        return self.jpegs[number % len(self.jpegs)]
