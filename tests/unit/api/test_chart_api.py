"""The charts by HTTP: whose rows, of which time, as JSON and CSV; and the page around them."""

import csv
import io
from typing import get_args
from urllib.parse import urlencode

import elasticsearch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.chart_api import chart_paths
from pycturestream.api.headers import PAGE_HEADERS
from pycturestream.api.pages.report import report_page
from pycturestream.application.reports import Chart, ReportService
from pycturestream.domain.times import MINUTE_MS, parse_rfc3339, rfc3339
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService
from tests.fake_report_search import FakeReportSearch
from tests.reported import CAMERAS, EYE, records
from tests.unit.fuzz.test_any_request import ODD_TIMES

WINDOW_MS = 15 * MINUTE_MS
BY_CAMERA = [name for name in get_args(Chart) if name not in {"hours", "days", "week"}]


@pytest.fixture(scope="module")
def found():
    return records(NOON, days=3, every_ms=30 * MINUTE_MS)


@pytest.fixture(scope="module")
def search(found):
    return FakeReportSearch(found, WINDOW_MS)


@pytest.fixture
def client(found, search, tokens, links):
    alerts = FakeAlertService(*found)
    service = ReportService(search, alerts, WINDOW_MS)
    pages = (report_page(), chart_paths(service))
    app = application(alerts, tokens, links, lambda: NOON, pages=pages)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def ask(client, headers):
    everything = headers()

    def ask(path, carried=everything):
        return client.get(f"/api/report/{path}", headers=carried)

    return ask


@pytest.mark.parametrize("chart", get_args(Chart))
def test_every_chart_has_rows_that_are_the_same_as_csv(ask, chart):
    answer = ask(f"{chart}?since=3d")
    file = ask(f"{chart}?since=3d&format=csv")

    assert answer.status_code == 200, answer.text
    rows = answer.json()["rows"]
    assert rows or chart in {"false-alarms", "suggestions"}
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"].startswith(f'attachment; filename="{chart}-20')
    read = list(csv.DictReader(io.StringIO(file.text)))
    assert len(read) == len(rows)
    for one, row in zip(read, rows, strict=True):
        assert one == {name: "" if cell is None else str(cell) for name, cell in row.items()}


@pytest.mark.parametrize("chart", BY_CAMERA)
def test_a_token_of_one_camera_sees_one_camera(ask, headers, chart):
    of_gate = headers("door-keeper", cameras=["gate"])

    shown = {row["camera_id"] for row in ask(f"{chart}?since=3d", of_gate).json()["rows"]}

    assert shown <= {"gate"}
    assert shown or chart in {"false-alarms", "suggestions"}
    assert ask(f"{chart}?camera=plaza", of_gate).status_code == 403
    assert ask(f"{chart}?camera=gate&camera=plaza", of_gate).status_code == 403


@pytest.mark.parametrize("chart", ["days", "hours", "week"])
def test_sums_are_those_of_the_cameras_of_the_token(ask, headers, chart):
    def total(rows):
        return sum(row["different"] or 0 for row in rows)

    of_gate = ask(f"{chart}?since=3d", headers("door-keeper", cameras=["gate"])).json()["rows"]

    assert total(of_gate) == total(ask(f"{chart}?since=3d&camera=gate").json()["rows"])
    assert 0 < total(of_gate) < total(ask(f"{chart}?since=3d").json()["rows"])


@pytest.mark.parametrize("chart", BY_CAMERA)
def test_a_site_is_its_cameras_also_of_records_without_a_site(ask, chart):
    rows = ask(f"{chart}?since=3d&site=harbour").json()["rows"]

    assert {row["camera_id"] for row in rows} <= {"roof", "street"}
    assert not ask(f"{chart}?since=3d&site=moon").json()["rows"]


@pytest.mark.parametrize("chart", BY_CAMERA)
def test_phones_of_the_seeing_aid_are_no_cameras_of_a_report(ask, chart):
    for query in ("since=3d", f"since=3d&camera={EYE}"):
        rows = ask(f"{chart}?{query}").json()["rows"]
        assert EYE not in {row["camera_id"] for row in rows}


def test_two_cameras_are_two(ask):
    rows = ask("cameras?since=3d&camera=gate&camera=roof").json()["rows"]

    assert rows == [
        {"camera_id": "gate", "site": "campus", "timezone": "Europe/Vienna"},
        {"camera_id": "roof", "site": "harbour", "timezone": "Asia/Kolkata"},
    ]


def test_without_a_time_it_is_seven_days_in_whole_steps(ask):
    answer = ask("cameras").json()

    since = parse_rfc3339(answer["since"])
    assert answer["step_s"] == 3_600
    assert 0 <= NOON - 7 * 86_400_000 - since < 3_600_000
    assert since % 3_600_000 == 0


def test_a_day_is_that_day_and_not_what_is_yet_to_come(ask):
    since, until = rfc3339(NOON - 7 * MINUTE_MS - 5 * 3_600_000), rfc3339(NOON + 86_400_000)

    answer = ask(f"timeline?camera=gate&since={since}&until={until}").json()

    assert (answer["since"], answer["until"]) == (since, rfc3339(NOON))
    assert answer["rows"][0]["start"] == since
    assert max(row["start"] for row in answer["rows"]) < rfc3339(NOON)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=yesterday", "is not a time"),
        (f"since=1h&until={rfc3339(NOON - 7_200_000)}", "since must be before until"),
        ("since=2000d", "at most 400 days"),
        ("format=pdf", "format"),
    ],
)
def test_what_can_not_be_answered_is_said_in_a_sentence(ask, query, words):
    answer = ask(f"cameras?{query}")

    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("text", ODD_TIMES)
def test_an_odd_time_is_a_problem_and_no_failure(client, headers, name, text):
    answer = client.get("/api/report/days", params={name: text}, headers=headers())

    assert answer.status_code in {200, 422}, answer.text


@given(site=st.text(max_size=60), label=st.text(max_size=60), camera=st.text(max_size=60))
@settings(suppress_health_check=list(HealthCheck))
def test_odd_names_find_nothing(ask, site, label, camera):
    query = urlencode({"site": site, "label": label, "camera": camera, "since": "3d"})

    assert ask(f"lines?{query}").json()["rows"] == []


def test_there_are_no_other_charts(ask):
    assert ask("salaries").status_code == 422


def test_without_a_token_there_is_nothing(ask):
    assert ask("cameras", {}).status_code == 401


def test_a_store_that_is_away_is_a_sentence(ask, monkeypatch):
    def away(*_):
        raise elasticsearch.ConnectionError("http://10.0.0.7:9200 refused")

    monkeypatch.setattr(FakeReportSearch, "labels", away)

    answer = ask("labels")

    assert answer.status_code == 503
    assert answer.json()["detail"] == "Elasticsearch does not answer: try again in a minute"
    assert ask("week?since=3d").json()["rows"]


def test_a_reason_that_looks_like_a_formula_is_text_in_a_spreadsheet(client, ask, headers):
    alert = ask("alerts?since=3d").json()["rows"][0]
    path = f"/api/alerts/{alert['id'].replace('#', '%23')}/wrong"
    reason = {"reason": '=HYPERLINK("http://example.org")'}
    assert client.post(path, json=reason, headers=headers("boss")).status_code == 200

    first, *_ = csv.DictReader(io.StringIO(ask("alerts?since=3d&format=csv").text))

    assert first["false_alarm_because"] == '\'=HYPERLINK("http://example.org")'
    assert ask("false-alarms?since=3d").json()["rows"][0]["alert_id"] == alert["id"]


def test_gaps_and_zeros_of_a_timeline_are_not_the_same(ask):
    rows = ask("timeline?since=3d&camera=street").json()["rows"]
    attic = ask("timeline?since=3d&camera=attic").json()["rows"]

    people = [row["max"] for row in rows if row["label"] == "person"]
    assert None in people
    assert 0 in people
    assert {row["max"] for row in attic} == {0}


def test_the_health_says_who_is_offline(ask):
    rows = {row["camera_id"]: row for row in ask("health?since=3d").json()["rows"]}

    assert rows.keys() == CAMERAS.keys()
    assert rows["roof"]["state"] == "offline"
    assert rows["roof"]["state_since"] == rfc3339(NOON - 3 * 3_600_000)
    assert rows["gate"]["dropped.stale"] > 0
    assert rows["gate"]["received"] == (
        rows["gate"]["processed"]
        + rows["gate"]["dropped.stale"]
        + rows["gate"]["dead_letters.not-jpeg"]
    )


def test_the_page_leads_to_the_sign_in_and_back(client):
    answer = client.get("/report?period=24h")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/report%3Fperiod%3D24h"


def test_the_page_has_the_headers_of_pages_and_offers_marking_to_who_may(client, headers):
    page = client.get("/report", headers={"Cookie": _cookie(headers("guard"))})
    read_only = client.get("/report", headers={"Cookie": _cookie(headers("eyes", read_only=True))})

    assert page.status_code == 200
    assert page.headers["content-security-policy"] == PAGE_HEADERS["Content-Security-Policy"]
    assert "data-may-mark" in page.text
    assert "data-may-mark" not in read_only.text


def test_the_page_with_all_it_loads_is_small(client, headers):
    page = client.get("/report", headers={"Cookie": _cookie(headers())}).text
    names = {part.split('"')[0] for part in page.split("/assets/")[1:]}

    assets = [client.get(f"/assets/{name}") for name in names]

    assert all(name.startswith("v-") for name in names)
    assert {"base.js", "report_charts.js", "report.js"} <= {n.rpartition("/")[2] for n in names}
    assert all(asset.status_code == 200 for asset in assets)
    assert len(page) + sum(len(asset.content) for asset in assets) < 300_000


def _cookie(carried):
    return f"pycturestream_token={carried['Authorization'].removeprefix('Bearer ')}"
