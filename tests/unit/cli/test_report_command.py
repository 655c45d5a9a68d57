"""`pycturestream report`: one file, and what goes wrong in one line."""

import csv
import json
import re
from contextlib import contextmanager

import pytest

from pycturestream.api.pages.report_file import CHARTS, report_file
from pycturestream.application.reports import ReportScope, ReportService
from pycturestream.cli import report as command
from pycturestream.config.settings import settings
from pycturestream.domain.reports.period import period
from pycturestream.domain.times import DAY_MS, MINUTE_MS, rfc3339
from tests.builders import NOON
from tests.command_line import command_line
from tests.fake_alert_service import FakeAlertService
from tests.fake_report_search import FakeReportSearch
from tests.reported import records

WINDOW_MS = 15 * MINUTE_MS


@pytest.fixture(scope="module")
def found():
    return records(NOON, days=2, every_ms=60 * MINUTE_MS)


@pytest.fixture
def run(monkeypatch, capsys):
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


@pytest.fixture
def with_records(monkeypatch, found):
    alerts = FakeAlertService(*found)

    @contextmanager
    def alert_service():
        yield alerts

    monkeypatch.setattr(command, "alert_service", alert_service)
    monkeypatch.setattr(
        command, "ElasticsearchReports", lambda *_: FakeReportSearch(found, WINDOW_MS)
    )


def embedded(text):
    return json.loads(re.search(r'id="report-data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.mark.usefixtures("with_records")
def test_the_file_has_every_chart_and_asks_nobody_for_anything(run, tmp_path):
    output = tmp_path / "week.html"

    ended = run("report", "--output", output, "--until", rfc3339(NOON), "--since",
                rfc3339(NOON - 2 * DAY_MS), "--site", "campus")  # fmt: skip

    assert ended.status == 0, ended.errors
    assert f"written to {output}" in ended.output
    assert "different people came." in ended.output
    text = output.read_text("utf-8")
    data = embedded(text)
    assert data["charts"].keys() == set(CHARTS)
    assert {row["camera_id"] for row in data["charts"]["cameras"]["rows"]} == {"gate", "plaza"}
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert "import " not in text.split('<script type="module">')[1]


@pytest.mark.usefixtures("with_records")
def test_csv_files_are_those_of_the_charts(run, tmp_path):
    folder = tmp_path / "sheets"

    ended = run("report", "--output", tmp_path / "r.html", "--until", rfc3339(NOON),
                "--since", rfc3339(NOON - DAY_MS), "--csv", folder)  # fmt: skip

    assert ended.status == 0, ended.errors
    assert {path.stem for path in folder.iterdir()} == set(CHARTS)
    with (folder / "week.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 7 * 24


@pytest.mark.usefixtures("with_records")
def test_without_results_there_is_no_file(run, tmp_path):
    output = tmp_path / "r.html"

    ended = run("report", "--output", output, "--until", rfc3339(NOON - 100 * DAY_MS),
                "--since", rfc3339(NOON - 101 * DAY_MS))  # fmt: skip

    assert ended.status == 1
    assert ended.errors == (
        "error: no results in this period: choose a longer one, or other cameras\n"
    )
    assert not output.exists()


@pytest.mark.usefixtures("with_records")
def test_a_folder_that_is_not_there_is_named(run, tmp_path):
    ended = run("report", "--output", tmp_path / "none" / "r.html", "--until", rfc3339(NOON))

    assert ended.status == 1
    assert ended.errors.count("\n") == 1
    assert str(tmp_path / "none") in ended.errors


def test_an_empty_period_is_wrong_use(run, tmp_path):
    ended = run("report", "--output", tmp_path / "r.html", "--since", "1h", "--until", "2h")

    assert ended.status == 2
    assert ended.errors == "error: --since and --until: since must be before until\n"


def test_an_elasticsearch_that_is_away_is_one_line_with_the_remedy(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PYCTURESTREAM_ELASTICSEARCH_ADDRESS", "http://127.0.0.1:1")
    settings.cache_clear()

    ended = run("report", "--output", tmp_path / "r.html")

    assert ended.status == 1
    assert ended.errors == (
        "error: Elasticsearch at 127.0.0.1:1 does not answer: "
        "start the stack with `pycturestream up`\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_no_text_of_people_ends_the_data(found):
    alerts = FakeAlertService(*found)
    [alert, *_] = alerts.search.of("alerts")
    alerts.mark_false(alert["id"], "guard", "</script><script>alert(1)</script>", NOON)
    service = ReportService(FakeReportSearch(found, WINDOW_MS), alerts, WINDOW_MS)
    scope = ReportScope(period(NOON - 2 * DAY_MS, NOON))

    text = report_file({name: service.chart(name, scope, NOON) for name in CHARTS}, scope, NOON)

    [reason] = [row["reason"] for row in embedded(text)["charts"]["false-alarms"]["rows"]]
    assert reason == "</script><script>alert(1)</script>"
    assert text.count("<script>alert(1)") == 0
