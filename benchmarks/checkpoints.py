"""How long checkpoints took, as Flink's job manager tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from pycturestream.settings import Settings
from stack.submit import running_jobs

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The completed checkpoints of one job in a time, from trigger to the last acknowledgement."""

    completed: int
    failed: int
    last_ms: int | None = None
    max_ms: int | None = None


def checkpoints(settings: Settings, start: float, end: float) -> dict[str, Checkpoints]:
    """Return the checkpoints of each running job that were triggered between two times.

    Epoch milliseconds; Flink remembers the last ten. Raises requests.RequestException.
    """
    found = {}
    for job in running_jobs(settings):
        answer = requests.get(f"{settings.flink}/jobs/{job.id}/checkpoints", timeout=TIMEOUT_S)
        answer.raise_for_status()
        found[job.name] = summarize(answer.json()["history"], start, end)
    return found


def summarize(history: Iterable[Mapping[str, Any]], start: float, end: float) -> Checkpoints:
    """Sum up what of Flink's history was triggered between two times."""
    inside = [entry for entry in history if start <= entry["trigger_timestamp"] < end]
    completed = sorted(
        (entry["trigger_timestamp"], entry["end_to_end_duration"])
        for entry in inside
        if entry["status"] == "COMPLETED"
    )
    took = [duration for _, duration in completed]
    return Checkpoints(
        completed=len(took),
        failed=sum(entry["status"] == "FAILED" for entry in inside),
        last_ms=took[-1] if took else None,
        max_ms=max(took, default=None),
    )
