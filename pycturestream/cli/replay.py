"""`pycturestream replay`: sends published history through the detection job."""

import re
import time
from typing import Annotated

import requests
import typer

from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.cli.stack_errors import stacking
from pycturestream.config.settings import Settings, settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.localstack.submit import (
    ENDED,
    cancel,
    replay_job,
    running_jobs,
    state_of,
    submit,
)

POLL_S = 1.0
UNANSWERED_LIMIT = 10
"""A busy job manager may be slow to answer; one that is gone stays silent."""
RUN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""It becomes part of the names of indices."""


def replay(
    *,
    run: Annotated[
        str, typer.Option(help="The results' name: they stand apart from the live ones.")
    ] = "replay",
    as_json: AsJson = False,
) -> None:
    """Detect, judge and count all that was published with `--mode replay`.

    Every picture is processed, none is dropped for its age. Look at the results with
    `--run NAME`; Redis, and whoever is alarmed by mail, see live ones only.

    Example: `pycturestream replay --run last-night`
    """
    if run == LIVE or RUN_NAME.fullmatch(run) is None:
        raise UsageError(
            f"--run {run}: a name of lower-case letters, digits, _ and -, and not {LIVE}"
        )
    try:
        _check_room(settings())
        began = time.monotonic()
        with stacking():
            job_id = submit(settings(), replay_job(run))
        _say(f"job replay-{run} runs: {settings().flink}/#/job/running/{job_id}")
        state = _wait(settings(), job_id)
    except requests.RequestException as error:
        raise CommandError(
            f"no Flink at {settings().flink}: start the stack with `pycturestream up`"
        ) from error
    if state != "FINISHED":
        raise CommandError(f"job replay-{run} is {state}: see {settings().flink}/#/job/{job_id}")
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        print_json([{"run": run, "job": job_id, "seconds": seconds}])
    else:
        _say(f"done in {seconds} s; look with: pycturestream find --run {run}")


def _check_room(settings: Settings) -> None:
    others = [job.name for job in running_jobs(settings) if job.name.startswith("replay-")]
    if others:  # the local cluster has one slot beside the live jobs'
        raise CommandError(f"the job {others[0]} runs: wait for its end, see {settings.flink}")


def _wait(settings: Settings, job_id: str) -> str:
    """Return the state in which the job ended; Ctrl-C cancels it."""
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


def _say(line: str) -> None:
    errors.print(line, soft_wrap=True, markup=False, highlight=False)
