"""`pycturestream replay`: sends published history through the detection job."""

from typing import Annotated

import typer

from pycturestream.cli.job_of_the_past import check_run_name, report, run_to_end
from pycturestream.cli.output import AsJson, print_json
from pycturestream.config.settings import settings
from pycturestream.localstack.jobs import replay_job


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
    check_run_name(run)
    ended = run_to_end(replay_job(run), settings())
    if as_json:
        print_json([{"run": run, "job": ended.id, "seconds": ended.seconds}])
    else:
        report(f"done in {ended.seconds} s; see the results: pycturestream find --run {run}")
