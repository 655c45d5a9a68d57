"""The measurement of the report's charts, on records in memory."""

from typing import get_args

from rich.console import Console

from benchmarks.report_charts import (
    DAYS,
    REPEATED,
    WARM_ROUNDS,
    Made,
    chart_figures,
    chart_tables,
    measure_charts,
)
from pycturestream.application.reports import Chart, ChartData, ReportService
from pycturestream.domain.times import DAY_MS, HOUR_MS
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService
from tests.fake_report_search import FakeReportSearch
from tests.reported import records


class Counted(ReportService):
    """Notes what it was asked."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.asked = []

    def chart(self, name, scope, now):
        self.asked.append((name, now, tuple(scope.cameras)))
        return ChartData([{"camera_id": "gate"}])


def test_every_chart_is_asked_for_often_and_each_time_of_another_minute():
    found = records(NOON, days=1, every_ms=6 * HOUR_MS)
    service = Counted(FakeReportSearch(found), FakeAlertService(*found), 6 * HOUR_MS)
    forgotten = []

    made = measure_charts(service, "gate", NOON, lambda: forgotten.append(1))

    charts = get_args(Chart)
    assert made.keys() == {(name, days) for name in charts for days in DAYS}
    assert len(forgotten) == len(made)
    of_week = [at for name, at, _ in service.asked if name == "week"]
    assert len(of_week) == WARM_ROUNDS + len(DAYS) * (REPEATED + 1)
    assert len(set(of_week[-REPEATED:])) == REPEATED
    assert {cameras for name, _, cameras in service.asked if name == "timeline"} == {("gate",)}
    assert {one.rows for one in made.values()} == {1}


def test_the_charts_are_real_ones():
    found = records(NOON, days=1, every_ms=6 * HOUR_MS)
    service = ReportService(FakeReportSearch(found), FakeAlertService(*found), 6 * HOUR_MS)

    made = measure_charts(service, "gate", NOON + DAY_MS // 24, lambda: None)

    assert made["week", 7].rows == 7 * 24
    assert made["timeline", 1].rows > 0


def test_what_is_slower_than_the_aim_is_named():
    made = {("week", 29): Made(168, 900.0, 150.0, 240.0), ("days", 29): Made(30, 1.0, 1.0, 1.0)}

    figures = chart_figures(made)
    console = Console(width=100)
    with console.capture() as printed:
        console.print(*chart_tables(made))

    assert figures["slower_than_the_aim"] == ["week, 29 d"]
    assert figures["charts"]["days, 29 d"]["rows"] == 30
    assert "240" in printed.get()
