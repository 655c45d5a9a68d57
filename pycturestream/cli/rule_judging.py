"""`pycturestream rules judge`: a job judges past detections by the rules of a file."""

from pathlib import Path
from typing import Annotated

import typer

from pycturestream.cli.cameras_of_file import cameras_of_file
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.job_of_the_past import check_run_name, report, run_to_end
from pycturestream.cli.options import Since, Until, past_span
from pycturestream.cli.output import AsJson, print_json
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError
from pycturestream.localstack.jobs import judging_job
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import has_results


def judge(
    file: Annotated[
        Path, typer.Argument(help="cameras.yaml with the rules to judge by.", show_default=False)
    ],
    *,
    run: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="A new name for the alerts, which are kept apart from the live ones.",
            show_default=False,
        ),
    ],
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Judge past detections by the rules of a file, as a job, and keep the alerts for searches.

    Of the last day before now or --until, from the log. Only the cameras of the file are judged,
    and only alerts are written. `rules try` compares rules at once, and keeps nothing.

    Example: `pycturestream rules judge cameras.yaml --since 24h --run stricter`
    """
    check_run_name(run)
    begin, end = past_span(since, until)
    cameras_of_file(file)  # a mistake is reported before a server is asked
    with error_mapping(settings()), connect(settings()) as client:
        if has_results(client, run):
            raise CommandError(f"--run {run}: there are results of that name: choose another one")
    ended = run_to_end(judging_job(run, file, begin, end), settings())
    if as_json:
        print_json([{"run": run, "job": ended.id, "seconds": ended.seconds}])
    else:
        report(f"done in {ended.seconds} s; see the alerts: pycturestream alerts --run {run}")
