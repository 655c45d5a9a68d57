"""Submitting Flink jobs, to the local stack and to clusters that something else started."""

import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path

import requests

from pycturestream.config.settings import Settings
from pycturestream.localstack.job_states import (
    ENDED,
    cancel,
    newest_states,
    running_jobs,
    state_of,
)
from pycturestream.localstack.jobs import JOBS, JUDGING_PREFIX, REPLAY_PREFIX, Job
from pycturestream.localstack.submit import (
    TIMEOUT_S,
    FlinkClient,
    JobError,
    Submission,
    local_client,
    submit_all,
)

POLL_S = 1.0
UNANSWERED_LIMIT = 10
"""Times that a busy job manager may fail to answer before it counts as gone."""

BeforeSubmission = Callable[[Job], None]


def submit(settings: Settings, job: Job, *, checkpoint: Path | None = None) -> str:
    """Submit one job to the local stack and return Flink's id for it.

    Raises JobError with what went wrong.
    """
    (submission,) = submit_all(local_client(settings), [(job, checkpoint)])
    if submission.error:
        raise JobError(submission.error)
    return submission.id


def states(settings: Settings) -> Mapping[str, str]:
    """Return the state of every job that Flink knows, by name.

    Raises JobError when the job manager does not answer.
    """
    try:
        return newest_states(settings)
    except requests.RequestException as error:
        raise JobError(f"no Flink at {settings.flink}: is its job manager up?") from error


def stopped_or_unknown(settings: Settings, jobs: Sequence[Job] = JOBS) -> list[Job]:
    """Return the jobs that don't run. Raises JobError."""
    known = states(settings)
    return [job for job in jobs if known.get(job.name, "CANCELED") in ENDED]


def unknown(settings: Settings, jobs: Sequence[Job] = JOBS) -> list[Job]:
    """Return the jobs that Flink does not know: of them nobody has stopped one. Raises JobError."""
    known: Container[str] = states(settings)
    return [job for job in jobs if job.name not in known]


def submit_missing(
    client: FlinkClient,
    missing: Sequence[Job],
    *,
    fresh: bool = False,
    before: BeforeSubmission | None = None,
) -> Iterator[Submission]:
    """Submit jobs, each from its newest checkpoint unless it shall start `fresh`.

    `before` is called for each job before its submission, and may wait for what the job needs;
    the client gets ready meanwhile. A job that fails does not stop the others: yields every
    submission, then raises JobError with the first failure.
    """
    if not missing:
        return

    def due() -> Iterator[tuple[Job, Path | None]]:
        for job in missing:
            if before:
                before(job)
            yield job, None if fresh else client.newest_checkpoint(job)

    failures = []
    for submission in submit_all(client, due()):
        if submission.error:
            failures.append(submission.error)
        yield submission
    if failures:
        raise JobError(failures[0])


def wait_until_running(settings: Settings, submission: Submission) -> None:
    """Wait until Flink runs the job: only then is it certain that its checkpoint fits.

    Raises JobError when the job ends, or does not run in time.
    """
    name = submission.job.name
    deadline = time.monotonic() + TIMEOUT_S
    while (state := states(settings).get(name)) != "RUNNING":
        if state in ENDED or time.monotonic() > deadline:
            hint = ": --fresh starts it without its checkpoint" if submission.checkpoint else ""
            raise JobError(f"job {name} is {state}, see {settings.flink}{hint}")
        time.sleep(POLL_S)


def running_job_of_the_past(settings: Settings) -> str | None:
    """Return the name of a job that is processing the past; the local cluster has slots for one.

    Raises requests.RequestException.
    """
    running = (job.name for job in running_jobs(settings))
    prefixes = REPLAY_PREFIX, JUDGING_PREFIX
    return next((name for name in running if name.startswith(prefixes)), None)


def wait_until_ended(settings: Settings, job_id: str) -> str:
    """Return the state in which a job ended; KeyboardInterrupt cancels it.

    Raises requests.RequestException when the job manager does not answer for some time.
    """
    unanswered = 0
    try:
        while True:
            try:
                state, unanswered = state_of(settings, job_id), 0
            except requests.RequestException:
                unanswered += 1
                if unanswered > UNANSWERED_LIMIT:
                    raise
            else:
                if state in ENDED:
                    return state
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        cancel(settings, job_id)
        raise
