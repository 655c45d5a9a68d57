"""`pycturestream dashboards`: hands the dashboards to a Grafana, and checks their panels."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import requests
import typer
from elasticsearch import Elasticsearch
from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.dashboards.dashboard import Panel, Span, dashboards, milliseconds, panels
from pycturestream.dashboards.elasticsearch_query import rows, search
from pycturestream.domain.times import Millis
from pycturestream.stores.elasticsearch import connect

TIMEOUT_S = 30
"""A month of one-minute windows is summed up in well under that."""

app = typer.Typer(help="Hand the dashboards to a Grafana; check what their panels show.")


@dataclass(frozen=True, slots=True)
class Shown:
    """What one panel gets to show; no rows known where its source was not asked."""

    dashboard: str
    panel: str
    source: str
    rows: int | None


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
    """Publish every dashboard to a running Grafana, over those it has.

    Its data sources must carry the uids of dashboards/grafana/provisioning/datasources.

    Example: pycturestream dashboards publish --url http://localhost:3000 --token-env GRAFANA_TOKEN
    """
    token = os.environ.get(token_env)
    if not token:
        raise UsageError(f"{token_env} is not set: put a Grafana service account token in it")
    grafana = _grafana(url, token)
    published = []
    for dashboard in dashboards():
        try:
            answer = grafana.dashboard.update_dashboard(
                {"dashboard": dashboard | {"id": None}, "overwrite": True}
            )
        except GrafanaException as error:
            raise CommandError(
                f"Grafana refused {dashboard['title']!r} ({error.message}): "
                "the token's account must be an editor"
            ) from error
        except (requests.RequestException, ValueError) as error:
            raise CommandError(
                f"no Grafana answers at {url} ({type(error).__name__}): is the address right?"
            ) from error
        published.append({"title": dashboard["title"], "uid": answer["uid"], "url": answer["url"]})
    if as_json:
        print_json(published)
    else:
        for entry in published:
            console.print(
                f"{entry['title']}: {url.rstrip('/')}{entry['url']}", soft_wrap=True, markup=False
            )


@app.command()
def check(
    since: Annotated[str, typer.Option(help="How far back to look: 90s, 5m, 1h, 30d.")] = "1h",
    prometheus: Annotated[
        str,
        typer.Option(
            help="Where Prometheus is, such as http://localhost:9090; the local stack has none, "
            "and its panels are not asked without."
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Run every panel's query against the running stack and print how many rows it shows.

    Ends with status 1 if a panel has nothing to show.

    Example: pycturestream dashboards check --since 1h
    """
    try:
        length = milliseconds(since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error
    until = Millis(time.time_ns() // 1_000_000)
    shown = list(_shown(Millis(until - length), until, prometheus.rstrip("/")))
    if as_json:
        print_json(
            {"dashboard": s.dashboard, "panel": s.panel, "source": s.source, "rows": s.rows}
            for s in shown
        )
    else:
        print_table(
            ("panel", "source", "rows"),
            ((s.panel, s.source, "not asked" if s.rows is None else s.rows) for s in shown),
            empty="no panel has a query",
        )
    if empty := [s.panel for s in shown if s.rows == 0]:
        raise CommandError(
            f"nothing to show in {', '.join(empty)}: look further back with --since, "
            "or see whether the jobs run"
        )


def _grafana(url: str, token: str) -> GrafanaFace:
    place = urlsplit(url)
    try:
        port = place.port
    except ValueError as error:
        raise UsageError(f"--url: {error}") from error
    if place.scheme not in {"http", "https"} or not place.hostname or place.username:
        raise UsageError("--url: give an address like http://localhost:3000")
    path = place.path.strip("/")
    return GrafanaFace(
        auth=token,
        protocol=place.scheme,
        host=place.hostname,
        port=port,
        url_path_prefix=f"{path}/" if path else "",
        timeout=TIMEOUT_S,
    )


def _shown(since: Millis, until: Millis, prometheus: str) -> Iterator[Shown]:
    client = connect(settings())
    for dashboard in dashboards():
        for panel in panels(dashboard):
            span = panel.span(since, until)
            source, count = panel.source.index or panel.source.kind, None
            if panel.source.kind == "elasticsearch":
                with error_mapping(settings()):
                    count = _count_records(client, panel, span)
            elif prometheus:
                count = _count_series(prometheus, panel, span)
            yield Shown(dashboard["title"], panel.title, source, count)


def _count_records(client: Elasticsearch, panel: Panel, span: Span) -> int:
    count = 0
    for target in panel.targets:
        body = search(target, panel.source, span)
        # Grafana too asks for what is there: before the first record there is no index.
        answer = client.search(index=panel.source.index, body=body, ignore_unavailable=True)
        count += len(rows(target, answer.body))
    return count


def _count_series(prometheus: str, panel: Panel, span: Span) -> int:
    return sum(len(_series(prometheus, target, span)) for target in panel.targets)


def _series(prometheus: str, target: Mapping[str, Any], span: Span) -> list[Any]:
    step_s = max(15, span.step_ms // 1000)  # no closer than Prometheus looks
    question = {
        "query": target["expr"],
        "start": f"{span.since / 1000:.3f}",
        "end": f"{span.until / 1000:.3f}",
        "step": str(step_s),
    }
    try:
        answer = requests.get(
            f"{prometheus}/api/v1/query_range", params=question, timeout=TIMEOUT_S
        ).json()
    except (requests.RequestException, ValueError) as error:
        raise CommandError(f"Prometheus does not answer at {prometheus}: is it right?") from error
    if answer["status"] != "success":
        raise CommandError(f"Prometheus refused {target['expr']}: {answer.get('error')}")
    series: list[Any] = answer["data"]["result"]
    return series
