"""Stops a job so that it, or a changed one, continues exactly where it stopped."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from pycturestream.config.settings import Settings
from pycturestream.localstack.job_states import JobStatus
from pycturestream.localstack.submit import JobError, local_checkpoints

SAVEPOINT_TIMEOUT_S = 120.0
"""A savepoint waits for the open bundle, and that for the model: seconds on an idle machine."""
POLL_S = 0.2


def stop_with_savepoint(settings: Settings, job: JobStatus) -> Path:
    """Stop a running job and return the path of its savepoint; all results are written by then.

    It is stored with the job's checkpoints, so that the next `up` continues from it. Raises
    JobError when Flink can't make it, in which case the job runs on, and
    requests.RequestException.
    """
    address = f"{settings.flink}/jobs/{job.id}"
    asked = requests.post(
        f"{address}/stop",
        json={
            "targetDirectory": (local_checkpoints(settings) / job.name).as_uri(),
            "drain": False,  # or windows that are open would be closed for good
        },
        timeout=5,
    )
    asked.raise_for_status()
    operation = _wait(f"{address}/savepoints/{asked.json()['request-id']}", job.name)
    if "location" not in operation:
        cause = operation["failure-cause"]["stack-trace"].splitlines()[0]
        raise JobError(f"job {job.name} was not stopped, Flink made no savepoint: {cause}")
    return Path(unquote(urlsplit(operation["location"]).path))


def _wait(address: str, name: str) -> dict[str, Any]:
    """Return the result of the savepoint once it is complete."""
    deadline = time.monotonic() + SAVEPOINT_TIMEOUT_S
    while time.monotonic() < deadline:
        answer = requests.get(address, timeout=5)
        answer.raise_for_status()
        status = answer.json()
        if status["status"]["id"] == "COMPLETED":
            operation: dict[str, Any] = status["operation"]
            return operation
        time.sleep(POLL_S)
    raise JobError(
        f"job {name} made no savepoint within {SAVEPOINT_TIMEOUT_S:.0f} s: see {address}"
    )
