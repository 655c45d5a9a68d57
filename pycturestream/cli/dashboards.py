"""`pycturestream dashboards`: publishes the dashboards to Grafana, and checks their panels."""

import os
from collections.abc import Sequence
from typing import Annotated

import typer
from grafana_api.grafana_face import GrafanaFace

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.dashboards.check import PanelCheck, check_panels
from pycturestream.dashboards.compare import Comparison
from pycturestream.dashboards.publish import (
    compare_dashboards,
    grafana_client,
    publish_dashboards,
    web_place,
)
from pycturestream.domain.times import parse_duration
from pycturestream.errors import CommandError, UsageError
from pycturestream.stores.elasticsearch import connect

app = typer.Typer(help="Publish the dashboards to Grafana; check what their panels show.")

SHOWN = 3
"""Differences of one dashboard that are listed; --json has all of them."""
WebAddress = Annotated[
    str | None,
    typer.Option(
        help="Where people open the web pages, such as https://cameras.example.org: links lead "
        "there. PYCTURESTREAM_WEB_ADDRESS if left out.",
        show_default=False,
    ),
]


@app.command()
def publish(
    url: Annotated[str, typer.Option(help="Where Grafana is, such as http://localhost:3000.")],
    token_env: Annotated[
        str,
        typer.Option(help="Name of the environment variable that holds a service account token."),
    ],
    *,
    web_address: WebAddress = None,
    as_json: AsJson = False,
) -> None:
    """Publish every dashboard to a running Grafana, replacing earlier versions.

    Its data sources must have the uids of dashboards/grafana/provisioning/datasources.

    Example: pycturestream dashboards publish --url http://localhost:3000 --token-env GRAFANA_TOKEN
    """
    grafana = _client("--url", url, token_env)
    published = list(publish_dashboards(grafana, url, _web(web_address)))
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
    grafana: Annotated[
        str,
        typer.Option(
            help="Where Grafana is: compare what is published there with the files. "
            "Needs --token-env."
        ),
    ] = "",
    token_env: Annotated[
        str,
        typer.Option(help="Name of the environment variable that holds a service account token."),
    ] = "",
    *,
    web_address: WebAddress = None,
    as_json: AsJson = False,
) -> None:
    """Run every panel's query against the running stack and print how many rows it shows.

    Ends with status 1 if a panel has nothing to show, but not for panels about what happens rarely,
    such as alerts; with --grafana also if a published dashboard differs from its file.

    Example: pycturestream dashboards check --since 1h
    """
    client_of_grafana = _client("--grafana", grafana, token_env) if grafana else None
    web = _web(web_address) if grafana else ""
    try:
        length = parse_duration(since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error
    until = now()
    with error_mapping(settings()), connect(settings()) as client:
        checks = list(check_panels(client, prometheus.rstrip("/"), until - length, until))
    compared: list[Comparison] = []
    if client_of_grafana is not None:
        compared = list(compare_dashboards(client_of_grafana, grafana, web))
    if as_json:
        _print_records(checks, compared)
    else:
        _print_tables(checks, compared)
    faults = []
    if empty := [f"{s.dashboard}: {s.panel}" for s in checks if s.rows == 0 and not s.may_be_empty]:
        faults.append(
            f"nothing to show in {', '.join(empty)}: go further back with --since, "
            "or check whether the jobs run"
        )
    if other := [c.dashboard for c in compared if c.state != "same"]:
        faults.append(
            f"not published as in the files: {', '.join(other)}: "
            "`pycturestream dashboards publish` replaces what is there"
        )
    if faults:
        raise CommandError("; ".join(faults))


def _print_records(checks: Sequence[PanelCheck], compared: Sequence[Comparison]) -> None:
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
    print_json(
        {"dashboard": c.dashboard, "published": c.state, "differences": c.differences}
        for c in compared
    )


def _print_tables(checks: Sequence[PanelCheck], compared: Sequence[Comparison]) -> None:
    print_table(
        ("dashboard", "panel", "source", "rows"),
        ((s.dashboard, s.panel, s.source, _shown(s)) for s in checks),
        empty="no panel has a query",
    )
    if compared:
        print_table(
            ("dashboard", "published", "where"),
            ((c.dashboard, c.state, _places(c)) for c in compared),
            empty="there is no dashboard",
        )


def _client(option: str, url: str, token_env: str) -> GrafanaFace:
    token = os.environ.get(token_env)
    if not token:
        missing = f"{token_env} is not set" if token_env else f"{option} needs --token-env"
        raise UsageError(f"{missing}: put a Grafana service account token in it")
    try:
        return grafana_client(url, token)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error


def _web(given: str | None) -> str:
    """Return where links lead. It is shown in every browser: only an address of the web."""
    web = settings().web if given is None else given.rstrip("/")
    if web_place(web) is None:
        name = "PYCTURESTREAM_WEB_ADDRESS" if given is None else "--web-address"
        raise UsageError(f"{name}: give an address like https://cameras.example.org")
    return web


def _places(compared: Comparison) -> str:
    hidden = len(compared.differences) - SHOWN
    more = [f"{hidden} more"] if hidden > 0 else []
    return ", ".join([*compared.differences[:SHOWN], *more])


def _shown(check: PanelCheck) -> str:
    if check.rows is None:
        return "not queried"
    if not check.rows and check.may_be_empty:
        return f"nothing yet: {check.may_be_empty}"
    return str(check.rows)
