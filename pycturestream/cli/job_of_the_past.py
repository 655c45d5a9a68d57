"""Running a job that processes the past under a name of its own, and waiting for its end."""

import time
from dataclasses import dataclass

from pycturestream.application.jobs import running_job_of_the_past, submit, wait_until_ended
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import errors
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import LIVE, RUN_NAME_RULE, is_run_name
from pycturestream.errors import CommandError, UsageError
from pycturestream.localstack.jobs import Job
from pycturestream.public_address import without_secrets


@dataclass(frozen=True, slots=True)
class EndedJob:
    """Flink's id of a job that has finished, and how long it took."""

    id: str
    seconds: float


def check_run_name(run: str) -> None:
    """Raise UsageError for a name that a run of the past can't have."""
    if run == LIVE or not is_run_name(run):
        raise UsageError(f"--run {run}: {RUN_NAME_RULE}, and not {LIVE}")


def run_to_end(job: Job, settings: Settings) -> EndedJob:
    """Submit a job, say where it is shown, and return when it has finished; Ctrl-C cancels it.

    Raises CommandError when it ends in another way, or another job of this kind is running.
    """
    with error_mapping(settings):
        if other := running_job_of_the_past(settings):
            raise CommandError(
                f"the job {other} is running: wait for it to end, see {_place(settings)}"
            )
        began = time.monotonic()
        job_id = submit(settings, job)
        report(f"job {job.name} is running: {_place(settings)}/#/job/running/{job_id}")
        state = wait_until_ended(settings, job_id)
    if state != "FINISHED":
        raise CommandError(f"job {job.name} is {state}: see {_place(settings)}, job {job_id}")
    return EndedJob(job_id, round(time.monotonic() - began, 1))


def report(line: str) -> None:
    """Print a line for people, also beside output for machines."""
    errors.print(line, soft_wrap=True, markup=False, highlight=False)


def _place(settings: Settings) -> str:
    return without_secrets(settings.flink)
