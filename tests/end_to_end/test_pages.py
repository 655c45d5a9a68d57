"""The pages in a browser, on the whole system and real footage, by clicking through them."""

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import sync_playwright

from pycturestream.api.tokens import tokens_of
from pycturestream.clock import now
from pycturestream.contracts.cameras import decode_camera
from pycturestream.domain.times import DAY_MS
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.stack import SampleCameras
from pycturestream.log.cameras import known_cameras
from tests.browser.pages import OpenPage, installed_browser, mark_as_false
from tests.command_line import command_line
from tests.end_to_end.conftest import CAMERAS, eventually

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

ELSEWHERE = "cameras.test"
"""A name of this machine that is not its own: what comes under it needs a token."""
WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def browser():
    path = installed_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def settings(browser, request):  # noqa: ARG001 - without a browser nothing is started
    """The whole system, with the sample cameras."""
    shared_system = request.getfixturevalue("shared_system")
    launch(SampleCameras(shared_system))
    yield shared_system
    halt(SampleCameras(shared_system))


@pytest.fixture
def open_page(browser, settings):
    """Open a page, as this machine or under another name; no script of it may have failed."""
    opened = []

    def open_(path, host=settings.host):
        context = browser.new_context(locale="en-GB", viewport=WIDE)
        context.set_default_timeout(120_000)
        page = OpenPage(context.new_page(), f"http://{host}:{settings.ports.web}")
        opened.append((page, context))
        page.goto(path)
        return page

    yield open_
    for page, context in opened:
        context.close()
        assert page.errors == []


@contextmanager
def stopped(server):
    """Have a server of the stack stopped meanwhile."""
    assert halt(server)
    try:
        yield
    finally:
        launch(server)


def shows_picture(page, selector):
    """Wait until a blurred picture is drawn with the boxes of its detections."""
    shown = f"document.querySelector({selector!r})?.dataset"
    eventually(lambda: page.page.evaluate(f"{shown}?.frame ?? ''"))


def test_the_wall_shows_every_camera(open_page):
    page = open_page("/live")
    for camera_id in CAMERAS:
        shows_picture(page, f"#{camera_id} canvas")
    eventually(lambda: "people" in page.page.inner_text("#plaza"))
    boxes = "Number(document.querySelector('#plaza canvas').dataset.boxes) > 0"
    eventually(lambda: page.page.evaluate(boxes))
    assert page.violations() == []


def test_one_camera_is_shown_large_and_its_alert_marked_as_false(open_page, settings):
    page = open_page("/live/gate")
    shows_picture(page, "#picture canvas")
    mark_as_false(page, "#alerts li >> nth=0", "a rehearsal")
    page.page.keyboard.press("Enter")
    page.page.wait_for_selector("text=Marked as a false alarm.")

    path = f"http://{settings.host}:{settings.ports.web}/api/wrong-alerts?camera=gate"
    marked = eventually(lambda: requests.get(path, timeout=30).json()["wrong"])
    assert {each["reason"] for each in marked} == {"a rehearsal"}


def test_a_zone_is_drawn_and_in_force(open_page, settings):
    page = open_page("/cameras/plaza/zones")
    page.page.wait_for_selector("#editor:not([hidden])")
    page.page.wait_for_selector("#snapshot:not([hidden])")
    page.page.click("[data-draw=zone]")
    stage = page.page.locator("#shapes").bounding_box()
    triangle = [(0.1, 0.1), (0.3, 0.1), (0.2, 0.3)]
    for x, y in (*triangle, triangle[0]):
        page.page.mouse.click(stage["x"] + x * stage["width"], stage["y"] + y * stage["height"])
    name = page.page.locator("[aria-label^='Name of zone']").last
    name.fill("roof")
    name.press("Tab")
    page.page.click("#apply:not([disabled])")
    page.page.wait_for_selector(".applied")

    def zones():
        camera = decode_camera(known_cameras(settings)["plaza"], "plaza")
        return {zone.name: zone.polygon for zone in camera.zones}

    drawn = zones()
    assert set(drawn) == {"lawn", "path", "roof"}
    for (x, y), (wanted_x, wanted_y) in zip(drawn["roof"], triangle, strict=True):
        assert abs(x - wanted_x) < 0.01
        assert abs(y - wanted_y) < 0.01


def test_a_picture_is_searched_and_opened(open_page):
    page = open_page("/search?label=person&camera=plaza&since=2m")
    page.page.wait_for_selector(".tile >> nth=0 >> img")
    page.page.click(".tile >> nth=0")
    page.page.wait_for_selector("#picture-frame img")
    page.until("document.querySelector('#picture-frame img').naturalWidth > 300")
    assert page.violations() == []


def test_the_report_counts_what_was_seen(open_page, tmp_path, monkeypatch, capsys):
    page = open_page("/report?period=24h")

    def people():
        page.page.wait_for_selector("#summary:not(:empty)")
        if "people" in page.page.inner_text("#summary"):
            return True
        page.page.wait_for_timeout(3_000)
        page.page.reload()
        return False

    eventually(people)
    page.page.wait_for_selector("#timeline canvas")
    page.page.wait_for_selector("#health table")
    assert all(name in page.page.inner_text("#health") for name in CAMERAS)

    file = tmp_path / "report.html"
    written = command_line(monkeypatch, capsys)("report", "--output", file, "--since", "1d")
    assert written.status == 0, written.errors
    page.page.goto(file.as_uri())
    page.page.wait_for_selector("#timeline canvas")
    assert "people" in page.page.inner_text("#summary")


def test_a_token_for_one_camera_shows_one_camera(open_page, settings):
    _, text = tokens_of(settings).create("guard", now(), DAY_MS, cameras=["gate"])
    page = open_page("/live", ELSEWHERE)
    page.page.fill("#token", text)
    page.page.press("#token", "Enter")
    shows_picture(page, "#gate canvas")
    assert page.page.locator("#wall > li").count() == 1

    page.goto("/live/plaza")
    assert page.page.locator("#picture").count() == 0
    page.goto("/search?label=person&camera=plaza")
    page.page.wait_for_selector("text=not for camera plaza")
    page.goto("/report?period=24h")
    page.page.wait_for_selector("#health table")
    assert "plaza" not in page.page.inner_text("main")

    page.page.click("text=Sign out")
    page.page.wait_for_selector("#token")
    page.goto("/live")
    page.page.wait_for_selector("#token")


@pytest.mark.slow
def test_pages_go_on_without_redis(open_page, settings):
    page = open_page("/live")
    shows_picture(page, "#gate canvas")
    with stopped(RedisServer(settings)):
        page.page.wait_for_selector("text=Redis")
        other = open_page("/search?label=person&since=5m")
        other.page.wait_for_selector(".tile >> nth=0")
    before = page.page.evaluate("document.querySelector('#gate canvas').dataset.frame")
    eventually(
        lambda: page.page.evaluate("document.querySelector('#gate canvas').dataset.frame") != before
    )


@pytest.mark.slow
def test_pages_go_on_without_elasticsearch(open_page, settings):
    with stopped(ElasticsearchServer(settings)):
        page = open_page("/report?period=24h")
        page.page.wait_for_selector("#timeline .state.error")
        live = open_page("/live")
        shows_picture(live, "#gate canvas")
        search = open_page("/search?label=person")
        search.page.wait_for_selector("#results .state.error")
    search.page.wait_for_selector(".tile >> nth=0")


def test_no_page_loads_more_than_300_kb(open_page):
    for path in ("/live", "/live/gate", "/search", "/report", "/cameras/gate/zones"):
        page = open_page(path)
        page.page.wait_for_load_state("load")
        # Pictures and answers of the API are what the page shows, not the page.
        sizes = page.page.evaluate(
            """JSON.stringify([...performance.getEntriesByType("resource"),
                 ...performance.getEntriesByType("navigation")]
               .map((each) => [new URL(each.name).pathname, each.decodedBodySize]))"""
        )
        loaded = sum(size for name, size in json.loads(sizes) if not name.startswith("/api/"))
        assert 10_000 < loaded < 300_000, Path(path)
