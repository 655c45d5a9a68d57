"""A real browser with the phone page: its camera plays footage, its gateway is a stand-in.

The browser is closed after each file: while Playwright runs, no other test can run an event loop.
"""

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pycturestream.config.settings import PROJECT_FOLDER
from tests.browser.pages import installed_browser
from tests.eye_gateway import TOKEN, EyeGateway
from tests.videos import write_video
from tests.waiting import eventually

STREET = PROJECT_FOLDER / "samples" / "street.mp4"
FPS = 10  # more would only cost the processor time of a browser that draws without a GPU
VOICE = Path(__file__).with_name("voice.js")


@dataclass(frozen=True, slots=True)
class FakeCamera:
    """Plays a file, over and over; the browser opens it anew with each camera that it opens."""

    path: Path

    def play(self, *, seconds: float, dark_seconds: float = 0.0) -> None:
        with av.open(str(STREET)) as clip:
            count = int(seconds * FPS)
            decoded = islice(clip.decode(video=0), max(1, count))
            pictures = [each.to_ndarray(format="bgr24") for each in decoded]
        dark = [np.full_like(pictures[0], 3)] * int(dark_seconds * FPS)
        write_video(
            self.path,
            pictures[:count] + dark,
            "wrapped_avframe",
            fps=FPS,
            container="yuv4mpegpipe",
        )


@dataclass(slots=True)
class EyePage:
    """The page as a listener has it: what it says, shows and is told."""

    page: Page
    gateway: EyeGateway
    errors: list[str] = field(default_factory=list)

    def open(self, token: str = TOKEN) -> None:
        self.page.goto(f"{self.gateway.address}#{token}")
        self.page.wait_for_selector(".view:not([hidden])")

    def start(self, token: str = TOKEN) -> None:
        """Open it, start it and wait for its first pictures."""
        self.open(token)
        self.page.click("#start-button")
        self.wait_for_pictures()

    def wait_for_pictures(self, count: int = 1) -> None:
        """Wait until so many more pictures have come."""
        before = len(self.gateway.pictures)
        assert eventually(lambda: len(self.gateway.pictures) >= before + count)

    def spoken(self) -> list[str]:
        return [each["text"] for each in self.page.evaluate("voice.spoken")]

    def wait_until_spoken(self, text: str, times: int = 1) -> None:
        assert eventually(lambda: self.spoken().count(text) >= times), self.spoken()

    def until(self, expression: str) -> None:
        """Wait until it is true; the policy of the page forbids what Playwright has for this."""
        assert eventually(lambda: self.page.evaluate(expression)), expression

    def wait_until_shown(self, view: str) -> None:
        self.page.wait_for_selector(f"#{view}:not([hidden])")

    def violations(self) -> list[str]:
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.fixture(scope="module")
def _camera(tmp_path_factory):
    camera = FakeCamera(tmp_path_factory.mktemp("camera") / "footage.y4m")
    camera.play(seconds=1)
    return camera


@pytest.fixture
def camera(_camera):
    """What the page's camera shows: a test may change it."""
    yield _camera
    _camera.play(seconds=1)


@pytest.fixture(scope="module")
def browser(_camera):
    path = installed_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",  # there is none for root, and the page is our own
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={_camera.path}",
                "--host-resolver-rules=MAP phone.test 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def _gateway():
    with EyeGateway() as gateway:
        yield gateway


@pytest.fixture
def gateway(_gateway):
    _gateway.reset()
    return _gateway


@pytest.fixture
def service_workers():
    """Whether the browser has them: without, each page loads faster."""
    return "block"


@pytest.fixture
def context(browser: Browser, service_workers):
    """A browser without memory, in English, with the size of a phone."""
    context = browser.new_context(
        locale="en-GB", viewport={"width": 390, "height": 844}, service_workers=service_workers
    )
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def eye(context: BrowserContext, gateway):
    """The page; at the end, no script of it may have failed and nothing been blocked."""
    context.add_init_script(path=VOICE)
    eye = EyePage(context.new_page(), gateway)
    eye.page.on("pageerror", lambda error: eye.errors.append(str(error)))
    eye.page.on(
        "console",
        lambda entry: eye.errors.append(entry.text) if "Content Security" in entry.text else None,
    )
    yield eye
    assert eye.errors == []
