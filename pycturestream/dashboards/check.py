"""Runs the queries of the dashboards' panels, as Grafana does, and counts what they show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import requests
from elasticsearch import Elasticsearch

from pycturestream.dashboards.dashboard import Panel, Span, dashboards, panels
from pycturestream.dashboards.elasticsearch_query import rows, search
from pycturestream.dashboards.empty_panels import why_empty
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError

TIMEOUT_S = 30
"""A month of one-minute windows is summed up in well under that."""
MIN_PROMETHEUS_STEP_S = 15
"""Prometheus scrapes no more often."""


@dataclass(frozen=True, slots=True)
class PanelCheck:
    """How many rows one panel shows; None where its source was not queried."""

    dashboard: str
    panel: str
    source: str
    rows: int | None
    may_be_empty: str = ""
    """Why it may have nothing to show though all is well."""


class _Series(msgspec.Struct):
    result: list[Any]


class _Answer(msgspec.Struct):
    """What Prometheus answers to a query: series, or an error."""

    status: Literal["success", "error"]
    data: _Series | None = None
    error: str = ""


def check_panels(
    client: Elasticsearch, prometheus: str, since: Millis, until: Millis
) -> Iterator[PanelCheck]:
    """Yield a check of each panel, for dashboards that show this time.

    Without an address of `prometheus` its panels are not queried. Raises ServiceError for
    Prometheus; lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    for dashboard in dashboards():
        for panel in panels(dashboard):
            span = panel.span(since, until)
            source, count = panel.source.index or panel.source.kind, None
            if panel.source.kind == "elasticsearch":
                count = _count_records(client, panel, span)
            elif prometheus:
                count = _count_series(prometheus, panel, span)
            reason = why_empty(panel)
            yield PanelCheck(dashboard["title"], panel.title, source, count, reason)


def _count_records(client: Elasticsearch, panel: Panel, span: Span) -> int:
    count = 0
    for target in panel.targets:
        body = search(target, panel.source, span)
        # As Grafana does: before the first record there is no index.
        response = client.search(index=panel.source.index, body=body, ignore_unavailable=True)
        count += len(rows(target, response.body))
    return count


def _count_series(prometheus: str, panel: Panel, span: Span) -> int:
    return sum(len(_series(prometheus, target, span)) for target in panel.targets)


def _series(prometheus: str, target: Mapping[str, Any], span: Span) -> list[Any]:
    parameters = {
        "query": target["expr"],
        "start": f"{span.since / 1000:.3f}",
        "end": f"{span.until / 1000:.3f}",
        "step": str(max(MIN_PROMETHEUS_STEP_S, span.step_ms // 1000)),
    }
    try:
        said = requests.get(
            f"{prometheus}/api/v1/query_range", params=parameters, timeout=TIMEOUT_S
        ).content
        answer = msgspec.json.decode(said, type=_Answer)
    # What is no address is a ValueError, of which UnicodeError is one; so are msgspec's.
    except (requests.RequestException, ValueError) as error:
        raise ServiceError(
            f"no Prometheus answers at {prometheus}: is the address right?"
        ) from error
    if answer.data is None:
        raise ServiceError(f"Prometheus rejected {target['expr']}: {answer.error}")
    return answer.data.result
