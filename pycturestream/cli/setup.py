"""`pycturestream setup`: prepares running servers: topics, index templates, jobs."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.application.jobs import (
    crowding,
    stopped_or_unknown,
    submit_missing,
    unknown,
    wait_until_running,
)
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import print_line
from pycturestream.config.settings import settings
from pycturestream.localstack.jobs import JOBS, Job
from pycturestream.localstack.submit import FlinkClient, JobError, installed_client
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.index_templates import install_templates

KEEP_INTERVAL_S = 30.0
"""A job manager that came back is without its jobs for at most this long."""


def setup(
    checkpoints: Annotated[
        Path,
        typer.Option(
            help="Where the jobs keep their checkpoints, one folder each; the cluster must have it "
            "at the same path.",
        ),
    ],
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start jobs without their saved state.")
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Keep running, and submit again the jobs that a restarted job manager has lost.",
        ),
    ] = False,
) -> None:
    """Create topics and index templates, and submit the jobs that are not running.

    For servers that something else started, such as Docker Compose; `pycturestream up` does
    the same for the local stack. A job resumes from its newest checkpoint or savepoint. The
    command can be run again at any time.

    Example: pycturestream setup --checkpoints /opt/flink/state/checkpoints
    """
    with error_mapping(settings()):
        for name in create_topics(settings()):
            print_line(f"topic {name}: created")
        with connect(settings()) as search:
            install_templates(search, settings())
        print_line("index templates: installed")
    client = installed_client(checkpoints)
    missing = stopped_or_unknown(settings(), JOBS)
    for job in JOBS:
        if job not in missing:
            print_line(f"job {job.name}: runs")
    if warning := crowding(settings()):
        print_line(warning)
    _submit(client, missing, fresh=fresh)
    while keep:
        time.sleep(KEEP_INTERVAL_S)
        try:
            _submit(client, unknown(settings(), JOBS))  # a job that someone stopped stays stopped
        except JobError as error:
            print_line(f"{error}; trying again")


def _submit(client: FlinkClient, missing: Sequence[Job], *, fresh: bool = False) -> None:
    for submission in submit_missing(client, missing, fresh=fresh):
        if not submission.error:
            wait_until_running(settings(), submission)
            origin = f"from {submission.checkpoint}" if submission.checkpoint else "fresh"
            print_line(f"job {submission.job.name}: submitted, {origin}")
