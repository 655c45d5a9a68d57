"""Submits jobs to a Flink cluster: the local stack's, or one that something else started.

One Flink client takes all jobs of a call, since starting it costs more than a job does. Which
client that is, and where the cluster keeps checkpoints, is all that differs between clusters.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import IO, Any, cast

import msgspec

from pycturestream.code_fingerprint import code_fingerprint
from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError
from pycturestream.localstack.client import RESULT_PREFIX
from pycturestream.localstack.flink import (
    flink_environment,
    flink_folder,
    java,
    write_configuration,
)
from pycturestream.localstack.job_states import CODE
from pycturestream.localstack.jobs import Job, newest_state
from pycturestream.localstack.processes import MARK
from pycturestream.localstack.saved_state import is_current, is_former
from pycturestream.localstack.unprivileged import make_private

SCRIPT = str(Path(__file__).parent / "client" / "submit_jobs.py")
WRAPPERS = ("py4j.", "org.apache.flink.client.program.", "java.lang.RuntimeException: Python")
EMBEDDED_SLOT = {"cores": 5, "heap_mb": 64}
"""What a slot of a job takes of a task manager when its operators run inside that: more than slots
of the other jobs, so that Flink gives its next one to another task manager (flink-conf/)."""
TIMEOUT_S = 300
"""A client needs ten seconds for a job, and minutes on a machine that is overloaded."""


class JobError(StackError):
    """The servers run, but a job could not be submitted, or does not run."""


@dataclass(frozen=True, slots=True)
class FlinkClient:
    """How to run Flink's client against a cluster."""

    command: Sequence[str]
    """Takes a script after `-py`."""
    checkpoints: Path
    """The folder where the cluster keeps checkpoints, one folder a job."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it needs on top of this process's environment."""
    log: Path | None = None
    """Where to keep what it prints."""

    def newest_checkpoint(self, job: Job) -> Path | None:
        """Return the newest checkpoint or savepoint of a job; None if it has none."""
        return newest_state(self.checkpoints / job.name)


@dataclass(frozen=True, slots=True)
class Submission:
    """How the submission of a job went."""

    job: Job
    checkpoint: Path | None
    """What it was to be restored from."""
    id: str
    """Flink's id for it; empty if it was not submitted."""
    error: str
    """Why it was not submitted, in one line; empty if it was."""


def local_client(settings: Settings) -> FlinkClient:
    """Return the client of the local stack."""
    python = ["-pyexec", sys.executable, "-pyclientexec", sys.executable]
    main = ["-Xmx384m", "org.apache.flink.client.cli.CliFrontend", "run", "--detached"]
    write_configuration(settings)  # the servers, which write it too, may not have begun
    return FlinkClient(
        [*java(settings), *main, *python],
        local_checkpoints(settings),
        {**flink_environment(settings), MARK: str(settings.data_folder.resolve())},
        settings.data_folder.resolve() / "logs" / "submit.log",
    )


def local_checkpoints(settings: Settings) -> Path:
    """Return the folder where the local stack keeps checkpoints."""
    return flink_folder(settings) / "checkpoints"


def installed_client(checkpoints: Path) -> FlinkClient:
    """Return the `flink` that is on PATH, as in the project's Docker image."""
    return FlinkClient(["flink", "run", "--detached"], checkpoints.absolute())


def submit_all(
    client: FlinkClient, jobs: Iterable[tuple[Job, Path | None]], rehearse: Iterable[Job] = ()
) -> Iterator[Submission]:
    """Submit jobs in this order, each from its checkpoint or savepoint if it has one.

    The client starts at once: `jobs` may still wait for what the first job needs. Before it asks
    for that, the client rehearses those of `rehearse`, which need no cluster. Yields each
    outcome as soon as it is known; a job that fails does not stop the others. One that can't take
    up the state of its checkpoint is not submitted. Raises JobError when the client can't be
    started.
    """
    with (
        make_private(client.log).open("w") if client.log else nullcontext() as log,
        _running(client) as (process, orders),
    ):

        def give(order: dict[str, Any]) -> list[str]:
            """Give an order; return what the client prints until it has followed it."""
            lines = []
            with _ended_after(TIMEOUT_S, process):
                orders.write(msgspec.json.encode(order) + b"\n")
                for line in _until_outcome(cast("IO[str]", process.stdout)):
                    if log:
                        log.write(line)
                    lines.append(line)
            if log:
                log.flush()
            return lines

        for job in rehearse:
            give(_order(client, job, None) | {"is_rehearsal": True})
        for job, checkpoint in jobs:
            if error := rejection(job, checkpoint):
                yield Submission(job, checkpoint, "", error)
                continue
            began = time.monotonic()
            lines = give(_order(client, job, checkpoint))
            job_id, error = _outcome(lines, in_time=time.monotonic() - began < TIMEOUT_S)
            if error:
                place = f" (log: {client.log})" if client.log else ""
                error = f"job {job.name} was not submitted: {error}{place}"
            yield Submission(job, checkpoint, job_id, error)


def rejection(job: Job, checkpoint: Path | None) -> str:
    """Return, in one line, why a job can't be submitted with this checkpoint; empty if it can."""
    try:
        former = checkpoint and job.layout and is_former(checkpoint, job.layout)
    except OSError as error:
        return f"job {job.name} was not submitted: {checkpoint}: {error.strerror}"
    if not former:
        return ""
    return (
        f"job {job.name} was not submitted: an older version wrote its state, {checkpoint}, which "
        "this one can't take up: start it with --fresh. Tracks, open alerts and counts of this "
        "minute then start anew; results stay, and it goes on where it stopped in the log"
    )


@contextmanager
def _running(client: FlinkClient) -> Iterator[tuple[subprocess.Popen[str], IO[bytes]]]:
    """Run the client; yield its process and where it takes orders; end it.

    The orders go through a named pipe: Flink does not hand its standard input on to Python.
    """
    with TemporaryDirectory() as folder:
        pipe = Path(folder) / "orders"
        os.mkfifo(pipe)
        try:
            process = subprocess.Popen(
                [*client.command, "-py", SCRIPT, "--", str(pipe)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**os.environ, **client.environment},
            )
        except FileNotFoundError as error:
            raise JobError(
                f"no {client.command[0]} on PATH: run this in the image of the Dockerfile"
            ) from error
        # Open for both, or opening would wait for the other side, which may never come.
        with process, pipe.open("r+b", buffering=0) as orders:
            try:
                yield process, orders
            finally:
                process.terminate()


@contextmanager
def _ended_after(seconds: float, process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill the process, and with it its output, if the block takes longer than this."""
    timer = Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _order(client: FlinkClient, job: Job, checkpoint: Path | None) -> dict[str, Any]:
    configuration = {
        # A folder of the job's own, by its name: its id changes with every start.
        "execution.checkpointing.dir": (client.checkpoints / job.name).as_uri(),
        # Shown with the job in the web UI.
        "pipeline.global-job-parameters": f"{CODE}:{code_fingerprint()}",
    }
    if checkpoint:
        # Flink owns it from here on, and deletes it once it has a newer one.
        configuration["execution.state-recovery.path"] = checkpoint.as_uri()
        configuration["execution.state-recovery.claim-mode"] = "CLAIM"
        if job.layout and is_current(checkpoint, job.layout):
            # Of an operator that has been switched off since.
            configuration["execution.state-recovery.ignore-unclaimed-state"] = "true"
    return {
        "name": job.name,
        "script": str(job.script),
        "arguments": job.arguments,
        "configuration": configuration,
        "slot": EMBEDDED_SLOT if job.is_embedded else None,
        "is_rehearsal": False,
    }


def _until_outcome(output: Iterable[str]) -> Iterator[str]:
    """Yield what the client prints up to the outcome of an order, or to the client's end."""
    for line in output:
        yield line
        if line.startswith(RESULT_PREFIX):
            return


def _outcome(lines: Sequence[str], *, in_time: bool) -> tuple[str, str]:
    """Return Flink's id for the job, and what went wrong; one of them is empty."""
    text = "".join(lines)
    if lines and lines[-1].startswith(RESULT_PREFIX):
        error = msgspec.json.decode(lines[-1].removeprefix(RESULT_PREFIX))["error"]
        ids: list[str] = re.findall(r"^Job has been submitted with JobID (\w+)", text, re.MULTILINE)
        if ids and not error:
            return ids[-1], ""
        text = error or text
    elif not in_time:
        return "", f"Flink's client took longer than {TIMEOUT_S} s"
    elif not lines:
        return "", "Flink's client had ended before"
    return "", root_cause(text)


def root_cause(output: str) -> str:
    """Return the line that names the cause: the first exception that wraps no other.

    Python's own exception comes before Java's "Python process exits with code: 1", and what
    Java reported to Python follows a colon.
    """
    lines = [line.strip() for line in output.splitlines()]
    causes = [
        line.removeprefix("Caused by: ").removeprefix(": ")
        for line in lines
        if re.match(r"(Caused by: |: )?([a-z]\w*\.)*[A-Z]\w*(Error|Exception)\b", line)
    ]
    innermost = [cause for cause in causes if not cause.startswith(WRAPPERS)]
    return next(iter(innermost or causes or [line for line in lines[::-1] if line]), "nothing")
