"""What all pages have around them, and the sign-in page, in a browser."""

import pytest
from fastapi import APIRouter, Request

from pycturestream.api.application import application
from pycturestream.api.links import Links
from pycturestream.api.pages.shell import NAVIGATION, page, page_caller
from pycturestream.api.tokens import Tokens
from pycturestream.clock import now
from pycturestream.domain.times import DAY_MS, HOUR_MS
from tests.browser.pages import OpenPage, served
from tests.fake_alert_service import FakeAlertService

PHONE, LAPTOP = 360, 1280


def empty_pages():
    """Return pages with nothing in their frame but a title."""
    router = APIRouter()

    def empty(request: Request):
        caller = page_caller(request)
        title = NAVIGATION[request.url.path]
        return page("error.html", caller, problem_status=404, title=title, detail="")

    for path in NAVIGATION:
        router.add_api_route(path, empty)
    return router


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return Tokens(tmp_path_factory.mktemp("web") / "tokens.json")


@pytest.fixture(scope="module")
def text(tokens):
    return tokens.create("guard", now(), DAY_MS)[1]


@pytest.fixture(scope="module")
def address(tokens):
    links = Links("secret", "", HOUR_MS)
    with served(application(FakeAlertService(), tokens, links, now, pages=[empty_pages()])) as at:
        yield at


@pytest.fixture(scope="module")
def open_address(tokens):
    links = Links("secret", "", HOUR_MS)
    app = application(FakeAlertService(), tokens, links, now, pages=[empty_pages()], is_open=True)
    with served(app) as at:
        yield at


@pytest.fixture
def opened(context, address):
    context.set_default_timeout(20_000)
    opened = OpenPage(context.new_page(), address)
    yield opened
    assert opened.errors == []


def sign_in(opened, text, path="/live"):
    opened.goto(path)
    opened.page.fill("#token", text)
    opened.page.click("main button")


def path_of(opened):
    return opened.page.url.removeprefix(opened.address)


def test_a_token_opens_the_page_that_was_asked_for(opened, text):
    opened.goto("/report?camera=gate")
    assert path_of(opened).startswith("/sign-in?next=")
    opened.page.fill("#token", text)
    opened.page.press("#token", "Enter")
    opened.page.wait_for_selector("nav")
    assert path_of(opened) == "/report?camera=gate"
    assert opened.page.evaluate("document.cookie") == ""


def test_a_wrong_token_is_explained_and_keeps_the_way_back(opened, text):
    sign_in(opened, "pyc_00000000_0", "/report")
    problem = opened.page.wait_for_selector("[role=alert]")
    assert "mistyped" in problem.inner_text()
    assert opened.page.get_attribute("#token", "aria-describedby") == "problem"
    assert opened.page.evaluate("document.activeElement.id") == "token"
    assert opened.violations() == []
    opened.page.fill("#token", text)
    opened.page.click("main button")
    opened.page.wait_for_selector("nav")
    assert path_of(opened) == "/report"


def test_who_signs_out_is_out(opened, text):
    sign_in(opened, text)
    opened.page.click("text=Sign out")
    opened.page.wait_for_selector("#token")
    opened.goto("/report")
    assert path_of(opened).startswith("/sign-in")


def test_it_all_works_by_keyboard(opened, text):
    page = opened.page
    opened.goto("/live")
    assert page.evaluate("document.activeElement.id") == "token"
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("nav")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    opened.goto("/live")
    reached = []
    for _ in range(len(NAVIGATION) + 4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    titles = [*NAVIGATION.values(), "Dark", "Sign out"]
    assert [one for one in reached if one in titles] == titles


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_as_light_as_the_system_until_somebody_chooses(opened, scheme):
    page = opened.page
    page.emulate_media(color_scheme=scheme)
    opened.goto("/sign-in")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == scheme
    page.click("#theme")
    other = "dark" if scheme == "light" else "light"
    assert page.evaluate(theme) == other
    assert page.inner_text("#theme") == ("Light" if other == "dark" else "Dark")
    page.reload()
    assert page.evaluate(theme) == other
    page.emulate_media(color_scheme=other)
    assert page.evaluate(theme) == other


def test_without_a_choice_it_follows_the_system(opened):
    opened.page.emulate_media(color_scheme="light")
    opened.goto("/sign-in")
    opened.page.emulate_media(color_scheme="dark")
    opened.until("document.documentElement.dataset.theme === 'dark'")


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", PHONE),
        ("dark", LAPTOP),
        pytest.param("dark", PHONE, marks=pytest.mark.slow),
        pytest.param("light", LAPTOP, marks=pytest.mark.slow),
    ],
)
def test_it_fits_and_can_be_read_by_everybody(opened, text, scheme, width):
    opened.page.set_viewport_size({"width": width, "height": 740})
    opened.page.emulate_media(color_scheme=scheme)
    for path in ("/sign-in", "/live", "/nowhere"):
        if path == "/live":
            sign_in(opened, text)
            opened.page.wait_for_selector("nav")
        opened.goto(path)
        assert not opened.is_too_wide(), path
        assert opened.violations() == [], path


def test_an_open_application_needs_no_sign_in_and_offers_no_sign_out(context, open_address):
    opened = OpenPage(context.new_page(), open_address)
    opened.goto("/live")
    assert path_of(opened) == "/live"
    assert opened.page.query_selector("text=Sign out") is None
    assert opened.page.inner_text("h1") == "Live"


@pytest.mark.parametrize("body", ["", '{"cameras": [', "<html>"])
def test_an_answer_that_breaks_off_is_told_in_a_sentence(opened, body):
    opened.page.route(
        "**/api/broken",
        lambda route: route.fulfill(status=200, content_type="application/json", body=body),
    )
    opened.goto("/sign-in")
    failed = opened.page.evaluate(
        """async () => {
          const { RequestError, request } = await import("/assets/base.js");
          try {
            await request("/api/broken");
          } catch (error) {
            return [error instanceof RequestError, error.message];
          }
        }"""
    )
    assert failed == [True, "The server does not answer. It is tried again by itself, or reload."]


def test_where_nothing_can_be_kept_the_choice_holds_for_the_page(opened):
    refuse = "() => { throw new DOMException('refused', 'SecurityError'); }"
    script = f"Storage.prototype.getItem = Storage.prototype.setItem = {refuse};"
    opened.page.add_init_script(script)
    opened.page.emulate_media(color_scheme="light")
    opened.goto("/sign-in")
    opened.page.click("#theme")
    assert opened.page.evaluate("document.documentElement.dataset.theme") == "dark"
