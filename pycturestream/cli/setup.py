"""`pycturestream setup`: makes running servers ready: topics, index templates, jobs."""

import subprocess
import time
from pathlib import Path
from typing import Annotated

import requests
import typer

from pycturestream.cli.errors import CommandError
from pycturestream.cli.output import say
from pycturestream.cli.store_errors import reaching
from pycturestream.config.settings import Settings, settings
from pycturestream.localstack.checkpoints import newest_state
from pycturestream.localstack.submit import ENDED, JOBS, Job, complaint
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.index_templates import install_templates

PATIENCE_S = 300
"""A client needs ten seconds for a job, and minutes on a machine that is overloaded."""
POLL_S = 1.0
KEEP_INTERVAL_S = 30.0
"""A job manager that came back is without its jobs for at most this long."""


def setup(
    checkpoints: Annotated[
        Path,
        typer.Option(
            help="Where the jobs keep their checkpoints, a folder each; the cluster must reach it "
            "at that path.",
        ),
    ],
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start jobs without what they remember.")
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Stay, and submit again what a restarted job manager does not know any more.",
        ),
    ] = False,
) -> None:
    """Create topics and index templates, and submit the jobs that don't run.

    For servers that something else started, such as Docker Compose; `pycturestream up` does
    the same for the local stack. A job goes on from its newest checkpoint or savepoint. It can be
    run again at any time.

    Example: pycturestream setup --checkpoints /opt/flink/state/checkpoints
    """
    with reaching(settings()):
        for name in create_topics(settings()):
            say(f"topic {name}: created")
        with connect(settings()) as client:
            install_templates(client, settings())
        say("index templates: installed")
    states = _states(settings())
    for job in JOBS:
        if states.get(job.name, "CANCELED") in ENDED:
            _submit(settings(), job, checkpoints, fresh=fresh)
        else:
            say(f"job {job.name}: runs")
    while keep:
        time.sleep(KEEP_INTERVAL_S)
        _submit_forgotten(checkpoints)


def _submit_forgotten(checkpoints: Path) -> None:
    """Submit what Flink has never heard of; a job that someone stopped stays stopped."""
    try:
        states = _states(settings())
        for job in JOBS:
            if job.name not in states:
                _submit(settings(), job, checkpoints, fresh=False)
    except CommandError as error:
        say(f"{error}; trying again")


def _submit(settings: Settings, job: Job, checkpoints: Path, *, fresh: bool) -> None:
    folder = checkpoints / job.name
    state = None if fresh else newest_state(folder)
    options = [f"-Dexecution.checkpointing.dir={folder.absolute().as_uri()}"]
    if state:
        # Flink owns it from here on, and deletes it once it has a newer one.
        options += ["-Dexecution.state-recovery.claim-mode=CLAIM"]
        options += ["--fromSavepoint", state.absolute().as_uri()]
    try:
        done = subprocess.run(
            ["flink", "run", "--detached", *options, "-py", str(job.script), "--", *job.arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    except FileNotFoundError as error:
        raise CommandError("no flink on PATH: run this in the image of the Dockerfile") from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"job {job.name} was not submitted in {PATIENCE_S} s") from error
    if done.returncode != 0:
        raise CommandError(
            f"job {job.name} was not submitted: {complaint(done.stdout + done.stderr)}"
        )
    _wait(settings, job, restored=bool(state))
    say(f"job {job.name}: submitted, {f'from {state}' if state else 'fresh'}")


def _wait(settings: Settings, job: Job, *, restored: bool) -> None:
    """Wait until Flink runs the job: whether a checkpoint fits shows only then."""
    deadline = time.monotonic() + PATIENCE_S
    while (state := _states(settings).get(job.name)) != "RUNNING":
        if state in ENDED or time.monotonic() > deadline:
            hint = ": --fresh starts it without its checkpoint" if restored else ""
            raise CommandError(f"job {job.name} is {state}, see {settings.flink}{hint}")
        time.sleep(POLL_S)


def _states(settings: Settings) -> dict[str, str]:
    """Return the state of every job that Flink knows, the newest of each name."""
    try:
        answer = requests.get(f"{settings.flink}/jobs/overview", timeout=10)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise CommandError(f"no Flink at {settings.flink}: is its job manager up?") from error
    jobs = sorted(answer.json()["jobs"], key=lambda job: job["start-time"])
    return {job["name"]: job["state"] for job in jobs}
