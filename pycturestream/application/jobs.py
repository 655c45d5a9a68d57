"""Submitting Flink jobs, to the local stack and to clusters that something else started."""

import re
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path

import requests

from pycturestream.code_fingerprint import OldCodeError, code_fingerprint
from pycturestream.config.settings import Settings
from pycturestream.localstack.job_states import (
    ENDED,
    JobStatus,
    cancel,
    code_of,
    last_failure,
    newest_states,
    running_jobs,
    state_of,
    unfinished_tasks,
)
from pycturestream.localstack.jobs import (
    JOBS,
    JUDGING_PREFIX,
    REPLAY_PREFIX,
    Job,
    newest_state,
)
from pycturestream.localstack.launch import Report, no_report
from pycturestream.localstack.submit import (
    TIMEOUT_S,
    FlinkClient,
    JobError,
    Submission,
    local_checkpoints,
    local_client,
    rejection,
    submit_all,
)
from pycturestream.public_address import without_secrets

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
        raise _no_flink(settings) from error


def _no_flink(settings: Settings) -> JobError:
    return JobError(f"no Flink at {without_secrets(settings.flink)}: is its job manager up?")


def stopped_or_unknown(settings: Settings, jobs: Sequence[Job] = JOBS) -> list[Job]:
    """Return the jobs that don't run. Raises JobError."""
    known = states(settings)
    return [job for job in jobs if known.get(job.name, "CANCELED") in ENDED]


def unknown(settings: Settings, jobs: Sequence[Job] = JOBS) -> list[Job]:
    """Return the jobs that Flink does not know: of them nobody has stopped one. Raises JobError."""
    known: Container[str] = states(settings)
    return [job for job in jobs if job.name not in known]


def crowding(settings: Settings) -> str:
    """Return a warning where detectors of the live job must share a task manager; else nothing."""
    if settings.detection_parallelism <= settings.task_managers:
        return ""
    return (
        f"{settings.detection_parallelism} detectors share {settings.task_managers} task manager"
        f"{'s' if settings.task_managers > 1 else ''}, and wait for each other there: set "
        f"PYCTURESTREAM_TASK_MANAGERS={settings.detection_parallelism}"
    )


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


def require_usable_states(settings: Settings, jobs: Sequence[Job] = JOBS) -> None:
    """Raise JobError where the local stack can't submit a job with the state that it has.

    Before anything is stopped: a job that an older version submitted may run on.
    """
    for job in jobs:
        checkpoint = newest_state(local_checkpoints(settings) / job.name)
        if (error := rejection(job, checkpoint)) and not _runs_this_code(settings, job):
            raise JobError(error)


def _runs_this_code(settings: Settings, job: Job) -> bool:
    try:
        return any(
            running.name == job.name and code_of(settings, running.id) == code_fingerprint()
            for running in running_jobs(settings)
        )
    except requests.RequestException:
        return False


def cancel_older_jobs(
    settings: Settings, report: Report = no_report, jobs: Sequence[Job] = JOBS
) -> None:
    """Cancel those jobs that run inside task managers with other code than this process has.

    They can then be submitted again, from their last checkpoint. Raises JobError.
    """
    try:
        for job in _embedded(settings, jobs):
            old = code_of(settings, job.id) != code_fingerprint()
            if old or _meets_old_code(settings, job):
                report(job.name, "runs other code, is submitted again")
                cancel(settings, job.id)
                _wait_until_ended(settings, job.name, job.id)
    except requests.RequestException as error:
        raise _no_flink(settings) from error


def meets_old_code(settings: Settings, jobs: Sequence[Job] = JOBS) -> bool:
    """Return whether a job can't run because a task manager has loaded other code than it needs.

    Code may change between the start of a task manager and its first job. False where no job
    manager answers.
    """
    try:
        return any(_meets_old_code(settings, job) for job in _embedded(settings, jobs))
    except requests.RequestException:
        return False


def _embedded(settings: Settings, jobs: Sequence[Job]) -> list[JobStatus]:
    names = {job.name for job in jobs if job.is_embedded}
    return [job for job in running_jobs(settings) if job.name in names]


def _meets_old_code(settings: Settings, job: JobStatus) -> bool:
    runs = job.state == "RUNNING" and not unfinished_tasks(settings, job.id)
    return not runs and bool(_old_code(last_failure(settings, job.id)))


def _wait_until_ended(settings: Settings, name: str, job_id: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while (state := state_of(settings, job_id)) not in ENDED:
        if time.monotonic() > deadline:
            raise JobError(
                f"job {name} was cancelled, but is {state}: see {without_secrets(settings.flink)}"
            )
        time.sleep(POLL_S / 10)


def wait_until_running(settings: Settings, submission: Submission) -> None:
    """Wait until all tasks of the job run: only then is it certain that its checkpoint fits.

    Raises JobError when the job ends, or does not run in time; or when it must be cancelled,
    because a task manager runs other code.
    """
    name = submission.job.name
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        state = states(settings).get(name)
        try:
            waiting = unfinished_tasks(settings, submission.id)
            if state == "RUNNING" and not waiting:
                return
            if why := _old_code(last_failure(settings, submission.id)):
                cancel(settings, submission.id)
                raise JobError(f"job {name} was cancelled: {why}")
        except requests.RequestException as error:
            raise _no_flink(settings) from error
        if state in ENDED or time.monotonic() > deadline:
            if state == "RUNNING":
                raise JobError(
                    f"job {name} waits for task managers: see {without_secrets(settings.flink)}"
                )
            hint = ": --fresh starts it without its checkpoint" if submission.checkpoint else ""
            raise JobError(f"job {name} is {state}, see {without_secrets(settings.flink)}{hint}")
        time.sleep(POLL_S)


def _old_code(stack_trace: str) -> str:
    """Return the message of an OldCodeError in a stack trace; empty if there is none."""
    found = re.search(rf"\b{OldCodeError.__name__}'>: (.*)", stack_trace)
    return found[1] if found else ""


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
