"""How long checkpoints took, as reported by Flink's job manager."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from benchmarks import BenchmarkError
from pycturestream.config.settings import Settings
from pycturestream.localstack.job_states import running_jobs

REQUEST_TIMEOUT_S = 5.0
CHECKPOINT_TIMEOUT_S = 60.0
POLL_S = 0.5


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
        answer = _get(f"{settings.flink}/jobs/{job.id}/checkpoints")
        found[job.name] = summarize(answer["history"], start, end)
    return found


def take_checkpoint(settings: Settings, job_id: str) -> tuple[int, int]:
    """Take a checkpoint of a job now; return its bytes, and how long it took in milliseconds.

    Raises BenchmarkError if there is none in time, and requests.RequestException.
    """
    address = f"{settings.flink}/jobs/{job_id}/checkpoints"
    answer = requests.post(
        address, json={"checkpointType": "CONFIGURED"}, timeout=REQUEST_TIMEOUT_S
    )
    answer.raise_for_status()
    request = answer.json()["request-id"]
    deadline = time.monotonic() + CHECKPOINT_TIMEOUT_S
    while time.monotonic() < deadline:
        time.sleep(POLL_S)
        status = _get(f"{address}/{request}")
        if status["status"]["id"] != "COMPLETED":
            continue
        taken = status["operation"].get("checkpointId")
        # The job manager updates its history some seconds late.
        for entry in _get(address)["history"]:
            if entry["id"] == taken and entry["status"] == "COMPLETED":
                return entry["state_size"], entry["end_to_end_duration"]
    raise BenchmarkError(f"no checkpoint of the job {job_id}: see {settings.flink}")


def _get(address: str) -> Any:
    answer = requests.get(address, timeout=REQUEST_TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()


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
