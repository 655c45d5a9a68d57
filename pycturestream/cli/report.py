"""`pycturestream report`: what the cameras saw in a period, as a page in one file."""

from pathlib import Path
from typing import Annotated

import typer

from pycturestream.api.pages.report_file import CHARTS, report_file
from pycturestream.application.report_ports import ElasticsearchReports
from pycturestream.application.reports import Chart, ChartData, ReportScope, ReportService
from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.options import Since, Until
from pycturestream.cli.output import errors, print_line
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.contracts.csv_rows import csv_text
from pycturestream.domain.reports.alert_rates import DEFAULT_PERIOD_MS
from pycturestream.domain.reports.period import Period, period
from pycturestream.domain.reports.timeline import PEOPLE
from pycturestream.domain.times import Millis
from pycturestream.errors import CommandError, UsageError
from pycturestream.stores.elasticsearch import connect


def report(
    *,
    output: Annotated[
        Path, typer.Option(dir_okay=False, metavar="FILE.html", help="The file to write.")
    ],
    camera: Annotated[
        list[str] | None, typer.Option(help="Only this camera; may be given several times.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Only cameras of this site.")] = None,
    since: Since = None,
    until: Until = None,
    label: Annotated[
        str, typer.Option(help="What attendance, lines and the hours of the week count.")
    ] = PEOPLE,
    csv: Annotated[
        Path | None,
        typer.Option(file_okay=False, metavar="FOLDER", help="Also write a CSV of each chart."),
    ] = None,
) -> None:
    """Write a report on what the cameras saw as one HTML file, which needs no server.

    Of the seven days before now or `--until`. The page `/report` of `pycturestream serve` shows the
    same.

    Example: `pycturestream report --output week.html --since 7d --site campus`
    """
    made_at = now()
    scope = ReportScope(_period(since, until, made_at), camera or [], site, label=label)
    charts = _charts(scope, made_at)
    if not charts["cameras"].rows:
        raise CommandError("no results in this period: choose a longer one, or other cameras")
    with error_mapping(settings()):
        output.write_text(report_file(charts, scope, made_at), "utf-8")
        if csv:
            csv.mkdir(parents=True, exist_ok=True)
            for name, chart in charts.items():
                (csv / f"{name}.csv").write_text(csv_text(chart.rows), "utf-8", newline="")
    for sentence in (each for chart in charts.values() for each in chart.summary):
        print_line(sentence)
    print_line(f"written to {output}" + (f" and {csv}" if csv else ""))


def _charts(scope: ReportScope, made_at: Millis) -> dict[Chart, ChartData]:
    chosen = settings()
    with (
        errors.status("summing up …") as status,
        alert_service() as alerts,
        connect(chosen) as client,
    ):
        search = ElasticsearchReports(client, chosen.count_window_ms)
        service = ReportService(search, alerts, chosen.count_window_ms)
        charts: dict[Chart, ChartData] = {}
        for name in CHARTS:
            status.update(f"summing up {name} …")
            charts[name] = service.chart(name, scope, made_at)
    return charts


def _period(since: Millis | None, until: Millis | None, made_at: Millis) -> Period:
    end = made_at if until is None else until
    try:
        return period(end - DEFAULT_PERIOD_MS if since is None else since, end)
    except ValueError as error:
        raise UsageError(f"--since and --until: {error}") from error
