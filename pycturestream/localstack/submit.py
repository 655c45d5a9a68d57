"""Hands jobs to the Flink cluster, and says which ones it has."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

import msgspec
import requests

from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.localstack.checkpoints import checkpoint_folder
from pycturestream.localstack.client import SAID
from pycturestream.localstack.errors import JobError
from pycturestream.localstack.flink import flink_environment, java, write_configuration
from pycturestream.localstack.processes import MARK

CLIENT = str(Path(__file__).parent / "client" / "submit_jobs.py")
WRAPPERS = ("py4j.", "org.apache.flink.client.program.", "java.lang.RuntimeException: Python")
ENDED = frozenset({"FINISHED", "CANCELED", "FAILED"})


@dataclass(frozen=True, slots=True)
class Job:
    """A job that the stack runs: its name in the web UI, its script, and the script's words."""

    name: str
    script: Path
    arguments: tuple[str, ...] = ()
    store: str | None = None
    """The server that it writes to."""


SCRIPTS = PROJECT_FOLDER / "jobs"
JOBS = (
    Job("detection", SCRIPTS / "detection.py"),
    Job("serving-redis", SCRIPTS / "serving.py", ("--target", "redis"), "redis"),
    Job(
        "serving-elasticsearch",
        SCRIPTS / "serving.py",
        ("--target", "elasticsearch"),
        "elasticsearch",
    ),
)
"""In the order in which someone who watches misses them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the submission of a job went: Flink's id for it, or what went wrong, in one line."""

    name: str
    id: str
    error: str


def replay_job(run: str) -> Job:
    """Return the bounded job that processes history; its results carry the run's name."""
    return Job(f"replay-{run}", SCRIPTS / "detection.py", ("--mode", "replay", "--run", run))


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What Flink says about a job that has not ended."""

    name: str
    id: str
    state: str
    started_at: int
    """Epoch milliseconds."""
    restarts: int
    last_checkpoint_at: int | None = None
    """Epoch milliseconds; None before the first."""


def submit(settings: Settings, job: Job, *, checkpoint: Path | None = None) -> str:
    """Submit one job and return Flink's id for it. Raises JobError with what went wrong."""
    (outcome,) = submit_all(settings, [(job, checkpoint)])
    if outcome.error:
        raise JobError(outcome.error)
    return outcome.id


def submit_all(settings: Settings, jobs: Iterable[tuple[Job, Path | None]]) -> Iterator[Outcome]:
    """Submit jobs, each from its checkpoint or savepoint if it has one, in this order.

    One client for all, which makes itself ready while `jobs` may still wait for what the first
    job needs. Yields how it went as soon as it is known; a job that fails does not stop the
    others.
    """
    log = settings.data_folder.resolve() / "logs" / "submit.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output, _client(settings) as (orders, answers):
        for job, checkpoint in jobs:
            said = []
            orders.write(msgspec.json.encode(_order(settings, job, checkpoint)) + b"\n")
            for line in _until_outcome(answers):
                output.write(line)
                said.append(line)
            output.flush()
            yield _outcome(job.name, said, log)


def _until_outcome(answers: Iterable[str]) -> Iterator[str]:
    """Yield what the client says up to its verdict on an order, or to its end."""
    for line in answers:
        yield line
        if line.startswith(SAID):
            return


def _outcome(name: str, said: Sequence[str], log: Path) -> Outcome:
    text = "".join(said)
    if said and said[-1].startswith(SAID):
        error = msgspec.json.decode(said[-1].removeprefix(SAID))["error"]
        ids: list[str] = re.findall(r"^Job has been submitted with JobID (\w+)", text, re.MULTILINE)
        if ids and not error:
            return Outcome(name, ids[-1], "")
        text = error or text
    return Outcome(name, "", f"job {name} was not submitted: {complaint(text)} (log: {log})")


def _order(settings: Settings, job: Job, checkpoint: Path | None) -> dict[str, Any]:
    # A folder of the job's own, by its name: its id changes with every start.
    folder = checkpoint_folder(settings, job.name)
    configuration = {"execution.checkpointing.dir": folder.as_uri()}
    if checkpoint:
        # Flink owns it from here on, and deletes it once it has a newer one.
        configuration["execution.state-recovery.path"] = checkpoint.as_uri()
        configuration["execution.state-recovery.claim-mode"] = "CLAIM"
    return {
        "name": job.name,
        "script": str(job.script),
        "arguments": job.arguments,
        "configuration": configuration,
    }


def state_of(settings: Settings, job_id: str) -> str:
    """Return a job's state, such as RUNNING. Raises requests.RequestException."""
    return str(_get(settings, f"/jobs/{job_id}/status")["status"])


def cancel(settings: Settings, job_id: str) -> None:
    """Stop a job at once. Raises requests.RequestException."""
    requests.patch(f"{settings.flink}/jobs/{job_id}", timeout=5).raise_for_status()


@contextmanager
def _client(settings: Settings) -> Iterator[tuple[IO[bytes], IO[str]]]:
    """Run Flink's client; yield where it takes orders and where it answers; end it.

    The orders go through a named pipe: Flink does not hand its standard input on to Python.
    """
    write_configuration(settings)  # the servers, which write it too, may not have begun
    python = ["-pyexec", sys.executable, "-pyclientexec", sys.executable, "-py", CLIENT]
    command = [*java(settings), "-Xmx384m", "org.apache.flink.client.cli.CliFrontend", "run", "-d"]
    with TemporaryDirectory() as folder:
        pipe = Path(folder) / "orders"
        os.mkfifo(pipe)
        with (
            # Open for both, or opening would wait for the other side, which may never come.
            pipe.open("r+b", buffering=0) as orders,
            subprocess.Popen(
                [*command, *python, "--", str(pipe)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={
                    **os.environ,
                    **flink_environment(settings),
                    MARK: str(settings.data_folder.resolve()),
                },
            ) as client,
        ):
            try:
                yield orders, cast("IO[str]", client.stdout)
            finally:
                client.terminate()


def complaint(said: str) -> str:
    """Return the line that names the cause: the first exception that wraps no other.

    Python's own exception is told before Java's "Python process exits with code: 1", and what
    Java said to Python stands after a colon.
    """
    lines = [line.strip() for line in said.splitlines()]
    causes = [
        line.removeprefix("Caused by: ").removeprefix(": ")
        for line in lines
        if re.match(r"(Caused by: |: )?([a-z]\w*\.)*[A-Z]\w*(Error|Exception)\b", line)
    ]
    telling = [cause for cause in causes if not cause.startswith(WRAPPERS)]
    return next(iter(telling or causes or [line for line in lines[::-1] if line]), "nothing")


def running_jobs(settings: Settings) -> list[JobStatus]:
    """Return the jobs that have not ended. Raises requests.RequestException without a cluster."""
    return [
        _status(settings, job)
        for job in _get(settings, "/jobs/overview")["jobs"]
        if job["state"] not in ENDED
    ]


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
    answer = requests.get(f"{settings.flink}/jobs/{job_id}/checkpoints", timeout=5)
    if answer.status_code == requests.codes.not_found:
        return None  # a query has no checkpoints at all
    answer.raise_for_status()
    latest: dict[str, Any] = answer.json().get("latest") or {}
    return latest.get("completed")


def _get(settings: Settings, path: str) -> Any:
    answer = requests.get(f"{settings.flink}{path}", timeout=5)
    answer.raise_for_status()
    return answer.json()
