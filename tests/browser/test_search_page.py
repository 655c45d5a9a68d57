"""The search page in a real browser, on services in memory."""

from urllib.parse import parse_qs, urlsplit

import pytest
from elastic_transport import ConnectionError as NoAnswerError
from kafka.errors import KafkaTimeoutError

from pycturestream.api.pages.asset_files import ASSETS
from pycturestream.api.tokens import Tokens
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.times import DAY_MS
from tests.browser.pages import OpenPage, served
from tests.builders import NOON, alert_record, detection_record
from tests.searched_pictures import SearchedPictures

pytestmark = pytest.mark.usefixtures("pictures")

ALERT_ID = "stranger-at-door:gate_20261121T120000000Z#0"
SECOND = 1_000


@pytest.fixture(scope="module")
def _pictures(tmp_path_factory):
    pictures = SearchedPictures(Tokens(tmp_path_factory.mktemp("search") / "tokens.json"))
    with served(pictures.application(is_open=True)) as address:
        yield pictures, address


@pytest.fixture
def pictures(_pictures):
    """Thirty pictures of two cameras, of which one raised an alert and one is gone."""
    found, _ = _pictures
    found.index.fault = found.source.fault = None
    found.index.records.clear()
    found.source.by_frame.clear()
    found.cameras.clear()
    found.alerts.search.records.clear()
    found.alerts.log.by_key.clear()
    threat = {"rule": "stranger-at-door", "level": 3, "alert_id": ALERT_ID}
    found.put(detection_record(labels=("person", "car", "person"), threats=[threat]))
    for number in range(1, 30):
        labels = ("car",) if number % 2 else ("truck",)
        camera = "yard" if number % 3 == 0 else "gate"
        found.put(
            detection_record(camera_id=camera, captured_at=NOON - number * SECOND, labels=labels)
        )
    found.source.by_frame[found.index.records[1]["frame_id"]] = Missing.EXPIRED
    found.put_alert(alert_record() | {"id": ALERT_ID})
    for name in ("gate", "yard"):
        found.put_camera(name, site="north", timezone="Europe/Vienna")
    return found


@pytest.fixture
def open_page(browser, _pictures):
    """Return a function that opens the page, as wide and as dark as a test wants it."""
    contexts, opened = [], []

    def open_page(path="/search", **options):
        context = browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1_280, "height": 900}, **options}
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = OpenPage(context.new_page(), _pictures[1])
        opened.append(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [error for page in opened for error in page.errors] == []


def parameters(page):
    return parse_qs(urlsplit(page.page.url).query)


def number(page):
    return page.page.inner_text("#number")


def wait_for_number(page, text):
    page.page.wait_for_selector(f"#number:text-is('{text}')")


class TestSearching:
    def test_without_a_condition_shows_the_newest_pictures(self, open_page):
        page = open_page()
        wait_for_number(page, "30 pictures")
        assert page.page.locator(".tile").count() == 24
        assert "2 people, 1 car" in page.page.inner_text(".tile >> nth=0")
        assert "danger" in page.page.inner_text(".tile >> nth=0")
        assert "13:00:00" in page.page.inner_text(".tile >> nth=0")  # the clock of the camera
        assert "Europe/Vienna" in page.page.inner_text("#clock-note")
        page.page.click("#next-page")
        page.page.wait_for_selector(".tile >> nth=29")
        assert not page.page.is_visible("#next-page")

    def test_takes_words_and_keeps_them_in_the_address(self, open_page):
        page = open_page()
        wait_for_number(page, "30 pictures")
        page.page.fill("#what", "car without person")
        page.page.press("#what", "Enter")
        wait_for_number(page, "15 pictures")
        assert parameters(page) == {"label": ["car"], "without": ["person"]}

        page.page.click("#seen >> text=truck")
        wait_for_number(page, "No pictures")
        page.page.go_back()
        wait_for_number(page, "15 pictures")
        page.page.click("[aria-label='Remove without person']")
        wait_for_number(page, "16 pictures")

        again = open_page(urlsplit(page.page.url).path + "?" + urlsplit(page.page.url).query)
        wait_for_number(again, "16 pictures")
        assert "car" in again.page.inner_text("#what-chips")

    def test_by_more_conditions(self, open_page):
        page = open_page()
        wait_for_number(page, "30 pictures")
        page.page.click("summary")
        page.page.select_option("#level", "danger")
        wait_for_number(page, "1 picture")
        assert page.page.inner_text("summary") == "More conditions (1 set)"
        page.page.click("#as-table")
        assert page.page.locator("tbody tr").count() == 1
        assert parameters(page) == {"level": ["danger"], "view": ["table"]}

    def test_says_what_is_wrong_and_where(self, open_page):
        page = open_page()
        wait_for_number(page, "30 pictures")
        page.page.fill("#what", "persn")
        page.page.press("#what", "Enter")
        page.page.wait_for_selector("#problem:not([hidden])")
        assert page.page.inner_text("#problem") == (
            "Shows: no label 'persn' is known: did you mean 'person'?"
        )
        assert page.page.get_attribute("#what", "aria-invalid") == "true"
        assert page.violations() == []
        page.page.goto(f"{page.address}/search?hours=noon")
        page.page.wait_for_selector("#hours[aria-invalid]")
        assert page.page.is_visible("#hours")

    def test_that_finds_nothing_says_what_to_change(self, open_page):
        page = open_page("/search?camera=gaet&since=1h")
        wait_for_number(page, "No pictures")
        assert "No camera 'gaet' is known: did you mean 'gate'?" in page.page.inner_text("#results")
        assert page.violations() == []
        page.page.click("text=Search all cameras")
        wait_for_number(page, "30 pictures")

    def test_hands_out_a_table_and_the_query(self, open_page):
        page = open_page("/search?label=truck")
        wait_for_number(page, "14 pictures")
        with page.page.expect_download() as download:
            page.page.click("#csv")
        assert len(download.value.path().read_text().splitlines()) == 15
        page.page.click("#query-button")
        page.page.wait_for_selector("#query pre")
        assert page.page.inner_text("#query pre").startswith("GET /detections/_search")
        assert page.violations() == []


class TestPictures:
    def test_that_are_gone_say_why(self, open_page):
        page = open_page()
        page.page.wait_for_selector(".tile >> nth=0 >> img")
        page.page.wait_for_selector(".tile >> nth=1 >> .why")
        assert page.page.inner_text(".tile >> nth=1 >> .why") == "No picture: no longer in the log"
        page.page.click(".tile >> nth=1")
        page.page.wait_for_selector("#picture-frame .state")
        assert "forgotten after some minutes" in page.page.inner_text("#picture-frame")
        assert not page.page.is_visible("#save")
        assert page.violations() == []

    @pytest.mark.slow
    def test_of_a_replay_lead_to_others_of_that_replay(self, open_page, pictures):
        pictures.put(detection_record(run="night"))
        page = open_page("/search?run=night")
        page.page.click(".tile >> nth=0")
        link = page.page.get_attribute("#picture tbody a", "href")
        assert parse_qs(urlsplit(link).query)["run"] == ["night"]

    def test_are_fetched_as_they_come_into_view(self, open_page, pictures):
        pictures.source.asked.clear()
        page = open_page(viewport={"width": 390, "height": 500})
        page.page.wait_for_selector(".tile >> nth=0")
        page.page.evaluate("document.querySelectorAll('.tile')[10].scrollIntoView()")
        page.page.wait_for_selector(".tile >> nth=10 >> img")
        assert len(pictures.source.asked) < 24

    def test_open_large_and_the_arrow_keys_lead_on(self, open_page):
        page = open_page()
        page.page.focus(".tile >> nth=0")
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector("#picture-frame img")
        assert page.page.inner_text("#picture-title") == "gate, 21 Nov 2026, 13:00:00 Europe/Vienna"
        assert parameters(page)["picture"] == ["gate_20261121T120000000Z"]
        assert page.page.locator("#picture tbody tr").count() == 3
        assert page.violations() == []
        for _ in range(24):  # past the end of the first page of results
            title = page.page.inner_text("#picture-title")
            page.page.keyboard.press("ArrowRight")
            page.until(f"document.querySelector('#picture-title').innerText !== '{title}'")
        assert page.page.locator(".tile").count() == 30
        page.page.keyboard.press("ArrowLeft")
        page.until("document.querySelector('#picture-title').innerText.includes('12:59:37')")
        page.page.keyboard.press("Escape")
        page.until("document.activeElement.dataset.frame?.endsWith('115937000Z')")
        assert "picture" not in parameters(page)

    def test_open_from_a_link_though_the_search_does_not_show_them(self, open_page, pictures):
        frame = pictures.index.records[29]["frame_id"]
        page = open_page(f"/search?label=person&picture={frame}")
        page.page.wait_for_selector("#picture-frame img")
        assert frame in page.page.inner_text("#picture")
        with page.page.expect_download() as download:
            page.page.click("#save")
        assert download.value.suggested_filename == f"{frame}.jpg"
        gone = open_page("/search?picture=gate_20200101T120000000Z")
        gone.page.wait_for_selector("#picture .state.error")
        assert "There is no record" in gone.page.inner_text("#picture")

    @pytest.mark.slow
    def test_have_the_clock_of_their_camera_as_soon_as_it_is_known(self, open_page):
        page, held = open_page(), []
        page.page.route("**/api/cameras", lambda route: held.append(route))  # noqa: PLW0108
        page.goto("/search?picture=gate_20261121T120000000Z")
        page.page.wait_for_selector("#picture-title:has-text('your clock')")
        page.page.wait_for_selector("#picture-frame img")
        page.page.keyboard.press("Escape")
        page.until("document.activeElement === document.querySelectorAll('.tile')[0]")
        page.page.focus(".tile >> nth=1")
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector("#picture-frame .state")
        held[0].continue_()
        page.page.wait_for_selector("#picture-title:has-text('12:59:59 Europe/Vienna')")
        page.page.keyboard.press("Escape")
        page.until("document.activeElement === document.querySelectorAll('.tile')[1]")
        assert "12:59:59" in page.page.inner_text(".tile >> nth=1")
        assert "Europe/Vienna" in page.page.inner_text("#clock-note")

    @pytest.mark.slow
    def test_are_drawn_on_or_not(self, open_page):
        page = open_page()
        page.page.click(".tile >> nth=0")
        page.page.wait_for_selector("#picture-frame img")
        drawn = page.page.get_attribute("#picture-frame img", "src")
        with page.page.expect_response(lambda response: response.url.endswith("000Z.jpg")):
            page.page.click("#boxes")
        page.until(f"document.querySelector('#picture-frame img').src !== '{drawn}'")
        assert page.page.get_attribute("#boxes", "aria-pressed") == "false"


class TestFalseAlarms:
    def test_are_marked_with_a_reason_and_taken_back(self, open_page, pictures):
        page = open_page()
        page.page.click(".tile >> nth=0")
        page.page.click("text=False alarm")
        page.page.fill("#reason", "a cat")
        page.page.keyboard.press("ArrowLeft")  # moves in the text, not to another picture
        page.page.press("#reason", "Enter")
        page.page.wait_for_selector("text=marked by this machine: a cat")
        [command] = pictures.alerts.published.values()
        assert (command.command, command.reason) == ("wrong", "a cat")
        assert page.violations() == []
        page.page.click("text=Not a false alarm")
        page.page.wait_for_selector("button:text-is('False alarm')")
        assert pictures.alerts.published == {}

    def test_are_not_for_tokens_that_only_read(self, open_page, pictures):
        tokens = pictures.tokens
        _, text = tokens.create("screen", NOON, DAY_MS, read_only=True, cameras=["yard", "gate"])
        page = open_page("/sign-in")
        page.page.context.add_cookies(
            [{"name": "pycturestream_token", "value": text, "url": page.address}]
        )
        page.goto("/search")
        page.page.click(".tile >> nth=0")
        page.page.wait_for_selector(".alert-item >> text=open.")
        assert page.page.locator(".alert-item button").count() == 0
        tokens.revoke("screen")


class TestOutages:
    def test_of_elasticsearch_are_said_and_it_goes_on_by_itself(self, open_page, pictures):
        pictures.index.fault = NoAnswerError("no answer")
        page = open_page()
        page.page.wait_for_selector("#results .state.error")
        assert page.page.inner_text("#results p") == (
            "Elasticsearch does not answer: try again in a minute. "
            "It is tried again every 5 seconds."
        )
        assert page.violations() == []
        pictures.index.fault = None
        wait_for_number(page, "30 pictures")

    @pytest.mark.slow
    def test_of_pictures_leave_the_rest(self, open_page, pictures):
        pictures.source.by_frame = {
            record["frame_id"]: Missing.NOT_DECODED for record in pictures.index.records
        }
        page = open_page()
        page.page.wait_for_selector(".tile >> nth=0 >> .why")
        assert number(page) == "30 pictures"

    @pytest.mark.slow
    def test_of_the_log_are_said_at_each_picture(self, open_page, pictures):
        pictures.source.fault = KafkaTimeoutError("no answer")
        page = open_page()
        page.page.wait_for_selector(".tile >> nth=0 >> .why")
        assert page.page.inner_text(".tile >> nth=0 >> .why") == (
            "Kafka does not answer: try again in a minute."
        )
        assert number(page) == "30 pictures"

    @pytest.mark.slow
    def test_a_busy_server_is_asked_again(self, open_page):
        answers = iter([(503, {"Retry-After": "1"}), (503, {"Retry-After": "1"})])

        def busy(route):
            status, headers = next(answers, (0, {}))
            if status:
                route.fulfill(status=status, headers=headers, body="busy")
            else:
                route.continue_()

        page = open_page("/health")
        page.page.route("**/*.jpg?*", busy)
        page.goto("/search")
        page.page.wait_for_selector(".tile >> nth=0 >> img")


class TestEveryScreen:
    @pytest.mark.parametrize(
        ("theme", "width", "path"),
        [
            pytest.param("light", 1_280, "/search", marks=pytest.mark.slow),
            ("dark", 360, "/search"),
            ("light", 360, "/search?view=table&label=car&level=danger"),
            pytest.param(
                "dark", 1_280, "/search?view=table&label=car&level=danger", marks=pytest.mark.slow
            ),
        ],
    )
    def test_shows_it_without_barriers(self, open_page, theme, width, path):
        page = open_page(path, color_scheme=theme, viewport={"width": width, "height": 800})
        page.page.wait_for_selector("[data-frame] img")
        page.page.click("summary")
        assert page.violations() == []
        assert not page.is_too_wide()

    @pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
    def test_shows_a_picture_without_barriers(self, open_page, theme):
        page = open_page(color_scheme=theme, viewport={"width": 360, "height": 800})
        page.page.click(".tile >> nth=0")
        page.page.wait_for_selector("#picture-frame img")
        page.page.wait_for_selector(".alert-item button")
        assert page.violations() == []
        assert not page.is_too_wide()


def test_a_token_of_one_camera_sees_one_camera(open_page, pictures):
    _, text = pictures.tokens.create("one", NOON, DAY_MS, cameras=["yard"])
    page = open_page("/sign-in")
    page.page.context.add_cookies(
        [{"name": "pycturestream_token", "value": text, "url": page.address}]
    )
    page.goto("/search")
    wait_for_number(page, "9 pictures")
    assert set(page.page.locator(".tile-camera").all_inner_texts()) == {"yard"}
    page.goto("/search?camera=gate")
    page.page.wait_for_selector("#problem:not([hidden])")
    assert "not for camera gate" in page.page.inner_text("#problem")
    pictures.tokens.revoke("one")


def test_the_page_is_small():
    names = ("base.css", "base.js", "theme.js", "symbol.svg")
    files = [ASSETS / name for name in names] + sorted(ASSETS.glob("search*"))
    assert sum(file.stat().st_size for file in files) < 100_000
