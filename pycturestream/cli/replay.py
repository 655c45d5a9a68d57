"""`pycturestream replay`: sends published history through the detection job."""

import re
import time
from typing import Annotated

import typer

from pycturestream.application.jobs import running_replay, submit, wait_until_ended
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.errors import CommandError, UsageError
from pycturestream.localstack.jobs import replay_job

RUN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""It becomes part of the names of indices."""


def replay(
    *,
    run: Annotated[
        str, typer.Option(help="Name of the results, which are kept apart from the live ones.")
    ] = "replay",
    as_json: AsJson = False,
) -> None:
    """Detect, judge and count everything that was published with `--mode replay`.

    Every picture is processed; none is dropped for its age. Commands show the results with
    `--run NAME`; Redis and notifications get live results only.

    Example: `pycturestream replay --run last-night`
    """
    if run == LIVE or RUN_NAME.fullmatch(run) is None:
        raise UsageError(f"--run {run}: use lower-case letters, digits, _ and -, and not {LIVE}")
    with error_mapping(settings()):
        if other := running_replay(settings()):
            raise CommandError(
                f"the job {other} is running: wait for it to end, see {settings().flink}"
            )
        began = time.monotonic()
        job_id = submit(settings(), replay_job(run))
        _report(f"job replay-{run} is running: {settings().flink}/#/job/running/{job_id}")
        state = wait_until_ended(settings(), job_id)
    if state != "FINISHED":
        raise CommandError(f"job replay-{run} is {state}: see {settings().flink}/#/job/{job_id}")
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        print_json([{"run": run, "job": job_id, "seconds": seconds}])
    else:
        _report(f"done in {seconds} s; see the results: pycturestream find --run {run}")


def _report(line: str) -> None:
    errors.print(line, soft_wrap=True, markup=False, highlight=False)
