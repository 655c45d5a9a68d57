"""`pycturestream dashboards`: publishes the dashboards to Grafana, and checks their panels."""

import os
from typing import Annotated

import typer

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.dashboards.check import PanelCheck, check_panels
from pycturestream.dashboards.publish import grafana_client, publish_dashboards
from pycturestream.domain.times import parse_duration
from pycturestream.errors import CommandError, UsageError
from pycturestream.stores.elasticsearch import connect

app = typer.Typer(help="Publish the dashboards to Grafana; check what their panels show.")


@app.command()
def publish(
    url: Annotated[str, typer.Option(help="Where Grafana is, such as http://localhost:3000.")],
    token_env: Annotated[
        str,
        typer.Option(help="Name of the environment variable that holds a service account token."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Publish every dashboard to a running Grafana, replacing earlier versions.

    Its data sources must have the uids of dashboards/grafana/provisioning/datasources.

    Example: pycturestream dashboards publish --url http://localhost:3000 --token-env GRAFANA_TOKEN
    """
    token = os.environ.get(token_env)
    if not token:
        raise UsageError(f"{token_env} is not set: put a Grafana service account token in it")
    try:
        grafana = grafana_client(url, token)
    except ValueError as error:
        raise UsageError(f"--url: {error}") from error
    published = list(publish_dashboards(grafana, url))
    if as_json:
        print_json(published)
    else:
        for entry in published:
            console.print(
                f"{entry['title']}: {url.rstrip('/')}{entry['url']}", soft_wrap=True, markup=False
            )


@app.command()
def check(
    since: Annotated[str, typer.Option(help="How far back: 90s, 5m, 1h, 30d.")] = "1h",
    prometheus: Annotated[
        str,
        typer.Option(
            help="Where Prometheus is, such as http://localhost:9090; without it, "
            "its panels are not queried."
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Run every panel's query against the running stack and print how many rows it shows.

    Ends with status 1 if a panel has nothing to show, but not for panels about what happens rarely,
    such as alerts.

    Example: pycturestream dashboards check --since 1h
    """
    try:
        length = parse_duration(since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error
    until = now()
    with error_mapping(settings()), connect(settings()) as client:
        checks = list(check_panels(client, prometheus.rstrip("/"), until - length, until))
    if as_json:
        print_json(
            {
                "dashboard": s.dashboard,
                "panel": s.panel,
                "source": s.source,
                "rows": s.rows,
                "may_be_empty": s.may_be_empty or None,
            }
            for s in checks
        )
    else:
        print_table(
            ("dashboard", "panel", "source", "rows"),
            ((s.dashboard, s.panel, s.source, _shown(s)) for s in checks),
            empty="no panel has a query",
        )
    if empty := [f"{s.dashboard}: {s.panel}" for s in checks if s.rows == 0 and not s.may_be_empty]:
        raise CommandError(
            f"nothing to show in {', '.join(empty)}: go further back with --since, "
            "or check whether the jobs run"
        )


def _shown(check: PanelCheck) -> str:
    if check.rows is None:
        return "not queried"
    if not check.rows and check.may_be_empty:
        return f"nothing yet: {check.may_be_empty}"
    return str(check.rows)
