"""Report: how fast each chart of the report is made of what Elasticsearch holds.

As the page asks: timelines of one camera at a time, everything else of all cameras. Each time a
minute later, so that today's records are summed up anew; what Elasticsearch remembers of past days
may help, as it helps the page. The first answer, before it remembers anything, is told apart.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, get_args

from elasticsearch import Elasticsearch
from rich.table import Table

from benchmarks.bench import make_table
from pycturestream.application.alert_ports import CommandLog, ElasticsearchAlerts
from pycturestream.application.alerts import AlertService
from pycturestream.application.report_ports import ElasticsearchReports
from pycturestream.application.reports import Chart, ReportScope, ReportService
from pycturestream.contracts.topics import SERVED
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.reports.period import period
from pycturestream.domain.times import DAY_MS, MINUTE_MS, Millis

DAYS: Final = (1, 7, 29)
"""The periods of the page; the store drops what is older than that."""
REPEATED: Final = 15
WARM_ROUNDS: Final = 3
"""Of all charts, which count for nothing: Java compiles them."""
AIM_MS: Final = 200


class NoCommands(CommandLog):
    """Nobody has marked or acknowledged anything."""

    def current(self) -> AlertCommands:
        return AlertCommands()

    def publish(self, command: AlertCommand) -> None:
        raise NotImplementedError

    def take_back(self, keys: Iterable[str]) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Made:
    """How long a chart takes, and how many rows it has."""

    rows: int
    first_ms: float
    p50_ms: float
    p95_ms: float


MadeCharts = Mapping[tuple[Chart, int], Made]
"""By the name of a chart and the days of its period."""


def report_service(client: Elasticsearch, count_window_ms: Millis) -> ReportService:
    """Return what the page asks, without a log of commands."""
    alerts = AlertService(ElasticsearchAlerts(client), NoCommands(), dict, count_window_ms)
    return ReportService(ElasticsearchReports(client, count_window_ms), alerts, count_window_ms)


def measure_charts(
    service: ReportService, camera_id: str, at: Millis, forget: Callable[[], object]
) -> MadeCharts:
    """Make every chart of every period, from records up to `at`; `forget` empties caches."""
    charts: tuple[Chart, ...] = get_args(Chart)
    for number in range(WARM_ROUNDS):
        for name in charts:
            _make(service, name, camera_id, at - number * MINUTE_MS, DAYS[-1])
    made = {}
    for name in charts:
        for days in DAYS:
            forget()
            first_ms, _ = _make(service, name, camera_id, at, days)
            took = []
            for number in range(1, REPEATED + 1):
                took_ms, rows = _make(service, name, camera_id, at - number * MINUTE_MS, days)
                took.append(took_ms)
            took.sort()
            p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
            made[name, days] = Made(rows, round(first_ms, 1), round(p50, 1), round(p95, 1))
    return made


def forget_answers(client: Elasticsearch) -> None:
    """Have Elasticsearch forget the answers that it remembers."""
    client.indices.clear_cache(index=",".join(SERVED), request=True, ignore_unavailable=True)


def chart_figures(made: MadeCharts) -> dict[str, Any]:
    """Return the figures as they will stand in JSON."""
    return {
        "aim_ms": AIM_MS,
        "charts": {f"{name}, {days} d": asdict(one) for (name, days), one in made.items()},
        "slower_than_the_aim": [
            f"{name}, {days} d" for (name, days), one in made.items() if one.p95_ms >= AIM_MS
        ],
    }


def chart_tables(made: MadeCharts) -> list[Table]:
    """Return what was measured, for people."""
    columns = ("", "days", "rows", "first ms", "p50 ms", "p95 ms")
    table = make_table("Charts of the report", columns)
    for (name, days), one in made.items():
        figures = (f"{ms:.0f}" for ms in (one.first_ms, one.p50_ms, one.p95_ms))
        table.add_row(name, str(days), str(one.rows), *figures)
    return [table]


def _make(
    service: ReportService, name: Chart, camera_id: str, until: Millis, days: int
) -> tuple[float, int]:
    """Make a chart; return the milliseconds, and its number of rows."""
    cameras = (camera_id,) if name == "timeline" else ()
    scope = ReportScope(period(until - days * DAY_MS, until, whole_steps=True), cameras)
    began = time.perf_counter()
    rows = service.chart(name, scope, until).rows
    return (time.perf_counter() - began) * 1000, len(rows)
