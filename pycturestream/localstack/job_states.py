"""What Flink reports about its jobs, over its REST interface.

All functions raise requests.RequestException when the job manager does not answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from pycturestream.config.settings import Settings

CODE = "code"
"""The job parameter that holds the fingerprint of the code that a job was submitted with."""
ENDED = frozenset({"FINISHED", "CANCELED", "FAILED"})
TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What Flink reports about a job that has not ended."""

    name: str
    id: str
    state: str
    started_at: int
    """Epoch milliseconds."""
    restarts: int
    last_checkpoint_at: int | None = None
    """Epoch milliseconds; None before the first."""


def running_jobs(settings: Settings) -> list[JobStatus]:
    """Return the jobs that have not ended."""
    return [_status(settings, job) for job in _overview(settings) if job["state"] not in ENDED]


def newest_states(settings: Settings) -> Mapping[str, str]:
    """Return the state of every job that Flink knows, by name, ended ones too.

    Of several with one name it is the newest that has not ended, else the newest.
    """
    jobs = sorted(
        _overview(settings), key=lambda job: (job["state"] not in ENDED, job["start-time"])
    )
    return {job["name"]: job["state"] for job in jobs}


def code_of(settings: Settings, job_id: str) -> str:
    """Return the fingerprint of the code that a job was submitted with; empty if it has none."""
    parameters = _get(settings, f"/jobs/{job_id}/config")["execution-config"]["user-config"]
    return str(parameters.get(CODE, ""))


def unfinished_tasks(settings: Settings, job_id: str) -> list[str]:
    """Return the states of those groups of a job's operators that do not run yet."""
    vertices = _get(settings, f"/jobs/{job_id}")["vertices"]
    states = [vertex["status"] for vertex in vertices]
    return [state for state in states if state not in {"RUNNING", "FINISHED"}]


def last_failure(settings: Settings, job_id: str) -> str:
    """Return the stack trace of the newest failure of a job; empty if it has not failed."""
    answer = _get(settings, f"/jobs/{job_id}/exceptions?maxExceptions=1")
    entries = answer["exceptionHistory"]["entries"]
    return str(entries[0]["stacktrace"]) if entries else ""


def state_of(settings: Settings, job_id: str) -> str:
    """Return a job's state, such as RUNNING."""
    return str(_get(settings, f"/jobs/{job_id}/status")["status"])


def cancel(settings: Settings, job_id: str) -> None:
    """Stop a job at once."""
    requests.patch(f"{settings.flink}/jobs/{job_id}", timeout=TIMEOUT_S).raise_for_status()


def _status(settings: Settings, job: dict[str, Any]) -> JobStatus:
    latest = _last_checkpoint(settings, job["jid"])
    metrics = _get(settings, f"/jobs/{job['jid']}/metrics?get=numRestarts")
    return JobStatus(
        name=job["name"],
        id=job["jid"],
        state=job["state"],
        started_at=job["start-time"],
        restarts=next((int(float(metric["value"])) for metric in metrics), 0),
        last_checkpoint_at=latest["latest_ack_timestamp"] if latest else None,
    )


def _last_checkpoint(settings: Settings, job_id: str) -> dict[str, Any] | None:
    answer = requests.get(f"{settings.flink}/jobs/{job_id}/checkpoints", timeout=TIMEOUT_S)
    if not answer.ok:
        return None  # a query has no checkpoints at all, a job that just came back none to tell of
    latest: dict[str, Any] = answer.json().get("latest") or {}
    return latest.get("completed")


def _overview(settings: Settings) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = _get(settings, "/jobs/overview")["jobs"]
    return jobs


def _get(settings: Settings, path: str) -> Any:
    answer = requests.get(f"{settings.flink}{path}", timeout=TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()
