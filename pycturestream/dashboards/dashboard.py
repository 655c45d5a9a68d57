"""The dashboards and data sources in Grafana's files, which are in dashboards/grafana."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.times import Millis, parse_duration

GRAFANA = PROJECT_FOLDER / "dashboards" / "grafana"
LARGEST_POINT_COUNT = 1_000
"""Points that Grafana requests for a panel of common width."""
WEB = "web"
"""The variable that holds the address of the web pages: only links use it."""
BUILT_IN = {"__rate_interval": "1m"}
"""Variables that Grafana has by itself: four times the interval at which Prometheus scrapes."""


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where a panel's numbers come from. `index` and `time_field` are for Elasticsearch."""

    uid: str
    kind: str
    index: str = ""
    time_field: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A time span, and how it is divided into points."""

    since: Millis
    until: Millis
    step_ms: int


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel with its queries, in which variables are already replaced by "all"."""

    title: str
    source: DataSource
    targets: Sequence[Mapping[str, Any]]
    newest_ms: int | None = None
    """The panel always shows this much up to now, whatever time the dashboard shows."""
    smallest_step_ms: int = field(default=1_000)
    most_points: int = LARGEST_POINT_COUNT
    """Of a chart over time."""

    def span(self, since: Millis, until: Millis) -> Span:
        """Return what the panel shows while the dashboard shows `since` to `until`."""
        begin = since if self.newest_ms is None else Millis(until - self.newest_ms)
        step = max(self.smallest_step_ms, -(-(until - begin) // self.most_points))
        return Span(begin, until, step)


@cache
def data_sources() -> Mapping[str, DataSource]:
    """Return the provisioned data sources by uid."""
    path = GRAFANA / "provisioning" / "datasources" / "datasources.yaml"
    return {
        entry["uid"]: DataSource(
            uid=entry["uid"],
            kind=entry["type"],
            index=entry.get("jsonData", {}).get("index", ""),
            time_field=entry.get("jsonData", {}).get("timeField", ""),
        )
        for entry in YAML(typ="safe").load(path)["datasources"]
    }


def dashboards() -> list[dict[str, Any]]:
    """Return every dashboard as Grafana's JSON, by file name."""
    paths = sorted((GRAFANA / "dashboards").glob("*.json"))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def with_web_address(dashboard: Mapping[str, Any], web: str) -> dict[str, Any]:
    """Return the dashboard with links that lead to the web pages at this address."""
    variables = [
        variable | {"query": web, "current": {"text": web, "value": web}}
        if variable["name"] == WEB
        else variable
        for variable in dashboard["templating"]["list"]
    ]
    return {**dashboard, "templating": {**dashboard["templating"], "list": variables}}


def panels(
    dashboard: Mapping[str, Any], chosen: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Panel]:
    """Yield the panels that have queries, those in closed rows too.

    `chosen` are values of variables; others stand for everything.
    """
    variables = {v["name"]: _filler(v) for v in dashboard["templating"]["list"]}
    fillers = {**BUILT_IN, **variables, **chosen}
    for entry in _flat(dashboard["panels"]):
        if targets := entry.get("targets"):
            newest, step = entry.get("timeFrom"), entry.get("interval")
            yield Panel(
                title=entry["title"],
                source=data_sources()[entry["datasource"]["uid"]],
                targets=[_filled(target, fillers) for target in targets],
                newest_ms=newest and parse_duration(newest),
                smallest_step_ms=parse_duration(step) if step else 1_000,
                most_points=entry.get("maxDataPoints", LARGEST_POINT_COUNT),
            )


def _flat(entries: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for entry in entries:
        yield entry
        yield from _flat(entry.get("panels", []))


def _filler(variable: Mapping[str, Any]) -> str:
    """Return what stands for a variable in a query: everything, or what a text box begins with."""
    return str(variable["query"] if variable["type"] == "textbox" else "*")


def _filled(target: Mapping[str, Any], fillers: Mapping[str, str]) -> Mapping[str, Any]:
    """Replace variables in the query by their values, as Grafana does: $name or ${name:raw}."""

    def fill(match: re.Match[str]) -> str:
        return fillers.get(match[1] or match[2], match[0])

    name = "expr" if "expr" in target else "query"
    return {**target, name: re.sub(r"\$(?:(\w+)|\{(\w+):raw\})", fill, target[name])}
