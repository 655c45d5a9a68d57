"""The report in a real browser: the page on services in memory, and the file of the command."""

import csv
import io
import re
from datetime import UTC, datetime, time, timedelta
from threading import Event
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from elastic_transport import ConnectionError as NoAnswerError

from pycturestream.api.application import application
from pycturestream.api.chart_api import chart_paths
from pycturestream.api.links import Links
from pycturestream.api.pages.report import report_page
from pycturestream.api.pages.report_file import CHARTS, report_file
from pycturestream.api.tokens import Tokens
from pycturestream.application.reports import ReportScope, ReportService
from pycturestream.clock import now
from pycturestream.domain.reports.period import period
from pycturestream.domain.times import DAY_MS, HOUR_MS, MINUTE_MS, parse_rfc3339
from tests.browser.pages import OpenPage, served
from tests.fake_alert_service import FakeAlertService
from tests.fake_report_search import FakeReportSearch
from tests.reported import CAMERAS, records

WINDOW_MS = 60 * MINUTE_MS
SECTIONS = ("timeline", "rates", "labels", "attendance", "week", "lines", "alerts", "health")
"""Those that ask Elasticsearch; suggestions do where false alarms were marked."""
AWAY = "Elasticsearch does not answer: try again in a minute."


class FaultySearch(FakeReportSearch):
    """Does not answer what a test says."""

    away: frozenset[str] = frozenset()
    slow: Event | None = None
    """What the search for timelines waits for."""

    def _answer(self, name, *asked):
        if name == "steps" and self.slow:
            self.slow.wait(60)
        if name in self.away:
            raise NoAnswerError("no route")
        return getattr(FakeReportSearch, name)(self, *asked)

    def cameras(self, scope):
        return self._answer("cameras", scope)

    def steps(self, *asked):
        return self._answer("steps", *asked)

    def labels(self, scope):
        return self._answer("labels", scope)

    def hours(self, *asked):
        return self._answer("hours", *asked)

    def week_hours(self, *asked):
        return self._answer("week_hours", *asked)

    def lines(self, *asked):
        return self._answer("lines", *asked)

    def accounts(self, scope):
        return self._answer("accounts", scope)

    def presence(self, scope):
        return self._answer("presence", scope)


class Served:
    """The application with the report, over three days of five cameras."""

    def __init__(self, folder):
        self.at = now()
        found = records(self.at, days=3, every_ms=WINDOW_MS)
        self.search, self.alerts = FaultySearch(found, WINDOW_MS), FakeAlertService(*found)
        self.service = ReportService(self.search, self.alerts, WINDOW_MS)
        self.tokens = Tokens(folder / "tokens.json")
        self.address = ""

    def application(self):
        pages = (report_page(), chart_paths(self.service))
        links = Links("secret", "", HOUR_MS)
        return application(self.alerts, self.tokens, links, now, pages=pages, is_open=True)


@pytest.fixture(scope="module")
def _report(tmp_path_factory):
    report = Served(tmp_path_factory.mktemp("report"))
    with served(report.application()) as report.address:
        yield report


@pytest.fixture
def report(_report):
    _report.search.away, _report.search.slow = frozenset(), None
    _report.alerts.log.by_key.clear()
    return _report


@pytest.fixture
def open_page(browser, report):
    """Return a function that opens the report, as wide and as dark as a test wants it."""
    contexts, opened = [], []

    def open_page(path="/report?period=7d", **options):
        choices = {"viewport": {"width": 1280, "height": 5000}, "timezone_id": "Europe/London"}
        context = browser.new_context(locale="en-GB", **(choices | options))
        contexts.append(context)
        page = OpenPage(context.new_page(), report.address)
        opened.append(page)
        if path:
            page.goto(path)
        return page

    yield open_page
    for page in opened:
        assert page.errors == []
    for context in contexts:
        context.close()


def drawn(page, count=5):
    """Wait until all charts are drawn: one timeline a camera, and the bars of attendance."""
    page.until(f"document.querySelectorAll('#report canvas').length === {count + 1}")
    page.until("!document.querySelector('.state.loading')")
    return page


def text(page, section):
    return page.page.inner_text(f"#{section}")


def test_it_shows_every_chart_and_sums_them_up(open_page):
    page = drawn(open_page())

    said = page.page.inner_text("#summary")
    assert "different people came." in said
    assert "had too many alerts." in said
    assert "roof is offline." in said
    assert "too many" in text(page, "rates")
    assert "gate: door" in text(page, "lines")
    assert "stale" in text(page, "health")
    assert page.page.query_selector_all(".week tbody td").__len__() == 7 * 24
    assert page.page.query_selector(".state.error") is None


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("dark", 390),
        pytest.param("light", 1280, marks=pytest.mark.slow),
        pytest.param("light", 360, marks=pytest.mark.slow),
    ],
)
def test_nothing_stands_in_the_way_of_anybody(open_page, theme, width):
    page = open_page(color_scheme=theme, viewport={"width": width, "height": 9000})
    drawn(page)

    assert page.violations() == []
    assert not page.is_too_wide()


def test_each_chart_is_a_table_too_also_by_keyboard(open_page):
    page = drawn(open_page("/report?period=24h&camera=plaza"), 1)
    for button in page.page.query_selector_all(".as-table:not([hidden])"):
        button.focus()
        page.page.keyboard.press("Enter")

    assert not page.page.query_selector_all("#report canvas")
    assert page.page.query_selector_all("#week tbody tr").__len__() == 7 * 24
    assert "Different per hour" in text(page, "week")
    assert "Wednesday" in text(page, "week")
    assert page.violations() == []
    page.page.click("#timeline .as-table")
    page.until("document.querySelectorAll('#timeline canvas').length === 1")


@pytest.mark.slow
def test_each_cell_of_the_week_says_what_its_colour_means(open_page):
    page = drawn(open_page())

    cells = [cell.text_content() for cell in page.page.query_selector_all(".week tbody td")]
    assert any(cell.endswith("people an hour") for cell in cells)
    assert "not seen" in cells


def test_the_period_is_in_the_address_and_the_way_back_works(open_page):
    page = drawn(open_page())
    page.page.select_option("#period", "24h")
    page.until("location.search === '?period=24h'")
    drawn(page)
    page.page.go_back()
    page.until("location.search === '?period=7d'")
    page.until("document.querySelector('#period').value === '7d'")
    drawn(page)


@pytest.mark.slow
def test_a_day_begins_by_the_clock_of_the_camera(open_page):
    asked = []
    page = open_page("")
    page.page.on("request", lambda request: asked.append(urlsplit(request.url)))
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()

    page.goto(f"/report?from={yesterday}&camera=roof")
    drawn(page, 1)

    [query] = [parse_qs(one.query) for one in asked if one.path == "/api/report/labels"]
    midnight = datetime.combine(yesterday, time(), ZoneInfo("Asia/Kolkata"))
    assert parse_rfc3339(query["since"][0]) == int(midnight.timestamp() * 1000)
    assert parse_rfc3339(query["until"][0]) == int(midnight.timestamp() * 1000) + DAY_MS
    assert "Asia/Kolkata" in page.page.inner_text("#about")


@pytest.mark.parametrize("query", ["from=soon", "period=constructor", "from=2026-11-21&to=x"])
@pytest.mark.slow
def test_an_address_that_was_mistyped_is_a_report_all_the_same(open_page, query):
    page = open_page(f"/report?{query}")
    page.page.wait_for_selector("#health table, #health .state.empty")


def test_a_camera_is_offline_since_a_time_of_its_own_clock(open_page):
    shown = []
    for timezone in ("Europe/London", "Pacific/Auckland"):
        page = open_page(timezone_id=timezone)
        page.page.wait_for_selector("#health table")
        shown.append(re.findall(r"since [^\t\n]*", text(page, "health")))
    assert shown[0]
    assert shown[0] == shown[1]


@pytest.mark.slow
def test_dates_are_offered_where_they_are_wanted(open_page):
    page = drawn(open_page())
    assert not page.page.is_visible("#from")
    page.page.select_option("#period", "dates")
    page.page.wait_for_selector("#from:visible")
    page.until("location.search.startsWith('?from=20')")
    # Today may have begun a minute ago.
    page.page.fill("#from", f"{datetime.now(UTC).date() - timedelta(days=1)}")
    drawn(page)


def test_cameras_and_sites_are_chosen_from_lists(open_page):
    page = drawn(open_page())
    page.page.select_option("#site", "harbour")
    drawn(page, 2)
    page.page.select_option("#site", "")
    drawn(page, 5)
    page.page.click("#camera-choice")
    page.page.check("#cameras input[value=gate]")
    page.until("location.search === '?period=7d&camera=gate'")
    drawn(page, 1)
    page.until("!document.querySelector('#health').innerText.includes('plaza')")
    assert page.page.inner_text("#camera-choice") == "gate"


@pytest.mark.slow
def test_what_is_counted_can_be_chosen(open_page):
    page = drawn(open_page())
    page.page.select_option("#label", "car")
    page.until("location.search === '?period=7d&label=car'")
    page.until("document.querySelector('#summary').innerText.includes('cars came.')")


def test_the_top_is_asked_for_first_and_not_waited_for_without_end(open_page, report):
    report.search.slow = Event()
    page = open_page()
    page.page.wait_for_selector("#health table")
    assert "Loading" in text(page, "timeline")
    report.search.slow.set()
    drawn(page)
    names = "performance.getEntriesByType('resource').map(({ name }) => name.split(/[/?]/)[5])"
    asked = [name for name in page.page.evaluate(names) if name in {"timeline", "rates", "health"}]
    assert asked[:2] == ["timeline", "timeline"]


def test_a_part_that_fails_says_so_alone_and_is_tried_again(open_page, report):
    report.search.away = frozenset({"week_hours"})
    page = open_page()
    page.page.wait_for_selector("#week .state.error")

    assert AWAY in text(page, "week")
    page.page.wait_for_selector("#rates .bars")
    page.page.wait_for_selector("#attendance canvas")
    report.search.away = frozenset()
    page.page.click("#week .state button")
    page.page.wait_for_selector(".week")


def test_without_elasticsearch_every_part_says_what_to_do(open_page, report, monkeypatch):
    def away(*_, **__):
        raise NoAnswerError("no route")

    for name in ("find", "alerts_by_day", "seen_windows_by_day"):
        monkeypatch.setattr(report.alerts.search, name, away)
    report.search.away = frozenset(
        ("cameras", "steps", "labels", "hours", "week_hours", "lines", "accounts", "presence")
    )
    page = open_page()

    for section in SECTIONS:
        page.page.wait_for_selector(f"#{section} .state.error")
        assert AWAY in text(page, section)
    assert page.violations() == []


def test_where_there_are_no_results_it_says_so(open_page):
    page = open_page("/report?from=2020-01-01&to=2020-01-02")

    page.page.wait_for_selector("#labels .state.empty")
    assert "No results in this period: choose a longer one" in text(page, "labels")
    assert "No alerts in this period." in text(page, "alerts")
    assert "came" not in page.page.inner_text("#summary")


def test_an_alert_is_marked_as_a_false_alarm_and_back(open_page, report):
    page = drawn(open_page())
    page.page.click("#alerts .mark button >> nth=0")
    page.page.wait_for_selector("dialog[open]")
    assert page.violations() == []
    page.page.keyboard.type("a traffic cone")
    page.page.keyboard.press("Enter")
    page.page.wait_for_selector("dialog:not([open])", state="attached")
    page.page.wait_for_selector("#alerts >> text=Yes: a traffic cone")

    [command] = report.alerts.published.values()
    assert (command.command, command.reason) == ("wrong", "a traffic cone")
    page.page.click("#alerts .mark button:text('Take back')")
    page.until("!document.querySelector('#alerts').innerText.includes('traffic cone')")
    assert report.alerts.published == {}


def test_a_token_of_one_camera_sees_one_camera_and_may_not_mark(open_page, report):
    _, token = report.tokens.create("door", report.at, DAY_MS, cameras=["gate"], read_only=True)
    page = open_page("")
    page.page.context.add_cookies(
        [{"name": "pycturestream_token", "value": token, "url": report.address}]
    )
    page.goto("/report?period=7d")
    drawn(page, 1)

    everything = page.page.inner_text("#report")
    assert "gate" in everything
    assert not [name for name in CAMERAS if name != "gate" and name in everything]
    assert not page.page.query_selector_all("#alerts .mark button")


@pytest.mark.slow
def test_a_csv_is_that_of_what_is_shown(open_page):
    page = drawn(open_page("/report?period=7d&camera=gate"), 1)
    with page.page.expect_download() as download:
        page.page.click("#lines .csv")

    content = download.value.path().read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["line"] for row in rows} == {"door", "road"}
    assert download.value.suggested_filename.startswith("lines-20")


@pytest.mark.slow
def test_charts_are_drawn_again_in_the_colours_of_the_other_theme(open_page):
    page = drawn(open_page())
    picture = "document.querySelector('#timeline article:nth-child(2) canvas').toDataURL()"
    before = page.page.evaluate(picture)
    page.page.click("#theme")
    page.until(f"{picture} !== {before!r}")


@pytest.fixture
def report_path(report, tmp_path):
    scope = ReportScope(period(report.at - 3 * DAY_MS, report.at))
    charts = {name: report.service.chart(name, scope, report.at) for name in CHARTS}
    path = tmp_path / "report.html"
    path.write_text(report_file(charts, scope, report.at), "utf-8")
    return path


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_file_shows_the_same_and_asks_nobody(open_page, report_path, width):
    page = open_page("", viewport={"width": width, "height": 900})
    asked = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.page.goto(report_path.as_uri())
    drawn(page)

    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert "different people came." in page.page.inner_text("#summary")
    assert not page.page.is_visible("#filters")
    assert not page.page.query_selector_all("#alerts .mark button")
    link = page.page.get_attribute("#lines .csv", "href")
    assert link.startswith("data:text/csv;charset=utf-8,camera_id%2Cline%2Cday")
    page.page.click("#week .as-table")
    assert "Different per hour" in text(page, "week")
    page.page.click("#attendance [data-by=hours]")
    drawn(page)
    assert page.violations() == []
    assert not page.is_too_wide()


@pytest.mark.slow
def test_the_file_prints_in_light_colours_without_buttons(open_page, report_path):
    page = open_page("", color_scheme="dark")
    page.page.goto(report_path.as_uri())
    drawn(page)
    page.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.page.emulate_media(media="print")

    assert page.page.evaluate("document.documentElement.dataset.theme") == "light"
    assert not page.page.is_visible("#rates .csv")
    page.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.page.evaluate("document.documentElement.dataset.theme") == "dark"
