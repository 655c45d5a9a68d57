"""Starting the local stack: its servers and its jobs."""

from collections.abc import Callable, Sequence

from pycturestream.application.jobs import (
    cancel_older_jobs,
    crowding,
    meets_old_code,
    require_usable_states,
    stopped_or_unknown,
    submit_missing,
)
from pycturestream.config.settings import Settings
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer
from pycturestream.localstack.jobs import JOBS, Job
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import Report, no_report
from pycturestream.localstack.stack import Starting, start_servers
from pycturestream.localstack.submit import local_client


def start_stack(
    settings: Settings,
    report: Report = no_report,
    jobs: Sequence[Job] = JOBS,
    *,
    fresh: bool = False,
    cameras: bool = False,
    pages: bool = False,
    supervised: bool = False,
    on_live: Callable[[], None] = lambda: None,
) -> list[str]:
    """Start the servers and jobs that don't run, the sample cameras and pages if asked for.

    `supervised`: what ends by itself is started again from then on, also after this process.
    `on_live` is called from a thread, at most once, when all jobs that live results need are
    submitted; what they are searched with may take twice as long.
    Returns the names of the servers that it started. A job resumes from its newest checkpoint,
    unless it shall start `fresh`. Task managers that run older code are replaced, and so are the
    jobs inside them. Raises StackError; what this call started is then stopped again, and so it is
    by Ctrl-C.
    """

    def submit_jobs(starting: Starting) -> None:
        _submit_jobs(settings, report, jobs, starting, on_live, fresh=fresh)

    if not fresh:
        require_usable_states(settings, jobs)
    embedded = [job.name for job in jobs if job.is_embedded]
    for name in embedded:
        if warning := crowding(settings):
            report(name, warning)
    has_loaded_old_code = meets_old_code(settings, jobs)

    def runs_old_code(server: TaskManagerServer) -> bool:
        return bool(embedded) and (has_loaded_old_code or server.has_old_code)

    return start_servers(
        settings,
        report,
        cameras=cameras,
        pages=pages,
        supervised=supervised,
        then=submit_jobs,
        replaces=runs_old_code,
    )


def _submit_jobs(
    settings: Settings,
    report: Report,
    jobs: Sequence[Job],
    starting: Starting,
    on_live: Callable[[], None],
    *,
    fresh: bool,
) -> None:
    """Submit jobs that don't run, each when the log and the store that it writes to are ready."""
    missing = jobs
    # A Flink that only starts has no jobs, and its client can get ready meanwhile.
    if JobManagerServer.name not in starting.missing:
        starting.wait_for(JobManagerServer.name)
        cancel_older_jobs(settings, report, jobs)
        missing = stopped_or_unknown(settings, jobs)
    if not missing:
        return

    def wait_for_servers(job: Job) -> None:
        for name in (KafkaServer.name, job.store):
            if name:
                starting.wait_for(name)
        report(job.name, "submitting")

    needed_live = [job for job in missing if job.store != ElasticsearchServer.name]
    for submission in submit_missing(
        local_client(settings), missing, fresh=fresh, before=wait_for_servers
    ):
        if submission.error:
            outcome = "failed"
        elif submission.checkpoint:
            outcome = "resumes from its last checkpoint"
        else:
            outcome = "submitted"
        report(submission.job.name, outcome)
        if submission.job in needed_live[-1:] and not submission.error:
            on_live()
