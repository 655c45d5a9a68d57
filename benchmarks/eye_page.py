"""The page of the seeing aid in a real browser, whose camera plays a clip: when it speaks."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from playwright.sync_api import Page, sync_playwright

from benchmarks import BenchmarkError
from benchmarks.browser import installed_browser
from pycturestream.api.tokens import tokens_of
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.domain.times import DAY_MS

CLIP = PROJECT_FOLDER / "samples" / "street.mp4"
CLIP_S, CLIP_FPS = 6, 10
SCRIPT = Path(__file__).with_suffix(".js")
QUESTIONS_EVERY_S = 3.0
START_S = 60.0
SPOKEN_WITHIN_MS = 100
"""So soon after its message a sentence begins, or another one was spoken instead."""


@dataclass(slots=True)
class Heard:
    """Milliseconds from the moment at which the page took the picture."""

    sent: list[float] = field(default_factory=list)
    """To when it was handed to the network: shrinking and encoding."""
    result: list[float] = field(default_factory=list)
    """To when its result was back."""
    spoken: list[float] = field(default_factory=list)
    """To when an unasked sentence about it began."""
    answer: list[float] = field(default_factory=list)
    """To when an answer about it began."""
    after_question: list[float] = field(default_factory=list)
    """From the question instead, to when its answer began."""


def listen_to_page(settings: Settings, seconds: float) -> Heard | None:
    """Let a person use the page for so long, with a question every three seconds.

    Returns None where there is no browser. Raises BenchmarkError if the page hears nothing.
    """
    browser = installed_browser()
    if browser is None:
        return None
    tokens = tokens_of(settings)
    token, text = tokens.create("benchmark", SystemClock().now(), DAY_MS, kind="eye")
    footage = _write_footage(settings.data_folder / "footage.y4m")
    try:
        with _serving() as address, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser,
                args=[
                    "--no-sandbox",  # there is none for root, and the page is our own
                    "--use-fake-device-for-media-stream",
                    "--use-fake-ui-for-media-stream",
                    f"--use-file-for-fake-video-capture={footage}",
                ],
            )
            page = chromium.new_page(locale="en-GB", viewport={"width": 390, "height": 844})
            page.add_init_script(path=SCRIPT)
            page.goto(f"{address}/eye#{text}")
            page.click("#start-button")
            asked = _use(page, seconds)
            noted = page.evaluate("noted")
            chromium.close()
    finally:
        tokens.revoke(token.name)
        footage.unlink()
    return _heard(noted, asked)


def _use(page: Page, seconds: float) -> list[float]:
    """Ask again and again; return when, in epoch ms."""
    deadline = time.monotonic() + START_S
    while not page.evaluate("noted.received.some((each) => each.type === 'seen')"):
        if time.monotonic() > deadline:
            raise BenchmarkError("the page of the seeing aid got no result")
        page.wait_for_timeout(200)
    asked = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked.append(time.time() * 1000)
        page.click("#now")
        page.wait_for_timeout(1000 * QUESTIONS_EVERY_S)
    return asked


def _heard(noted: dict[str, list[dict[str, Any]]], asked: list[float]) -> Heard:
    heard = Heard()
    heard.sent = [each["at"] - each["captured_at"] for each in noted["sent"]]
    for message in noted["received"]:
        if message["type"] == "seen":
            heard.result.append(message["at"] - message["captured_at"])
        if message["type"] != "say":
            continue
        begun = next(
            (
                each["at"]
                for each in noted["spoken"]
                if each["text"] == message["text"]
                and 0 <= each["at"] - message["at"] <= SPOKEN_WITHIN_MS
            ),
            None,
        )
        if begun is None:
            continue
        ages = heard.answer if message["answer"] else heard.spoken
        ages.append(begun - message["captured_at"])
        if message["answer"]:
            heard.after_question.append(begun - max(at for at in asked if at <= begun))
    return heard


def _write_footage(path: Path) -> Path:
    """Write some seconds of the clip as raw video, which is what browsers take as a camera."""
    with av.open(str(CLIP)) as clip, av.open(str(path), "w", format="yuv4mpegpipe") as copy:
        source = clip.streams.video[0]
        stream = copy.add_stream("wrapped_avframe", rate=CLIP_FPS)
        stream.width, stream.height, stream.pix_fmt = source.width, source.height, "yuv420p"
        for number, frame in enumerate(clip.decode(source)):
            if number >= CLIP_S * CLIP_FPS:
                break
            picture = frame.reformat(format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, CLIP_FPS)
            copy.mux(stream.encode(picture))
        copy.mux(stream.encode())
    return path


@contextmanager
def _serving() -> Iterator[str]:
    """Yield the address of `pycturestream serve`."""
    with subprocess.Popen(
        [sys.executable, "-m", "pycturestream.cli.main", "serve", "--port", "0"],
        cwd=PROJECT_FOLDER,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = next((each for each in process.stdout or () if "/live" in each), "")
            if not line:
                raise BenchmarkError("`pycturestream serve` did not start")
            yield line.partition("/live")[0]
        finally:
            process.send_signal(signal.SIGINT)
