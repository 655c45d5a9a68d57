"""Pages in a real browser, beside the whole system on the sample cameras: when they can be used.

They are opened in turns, each by a browser that has nothing of it yet.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

from playwright.sync_api import Browser, ViewportSize, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from rich.table import Table

from benchmarks.bench import Bench, Finding, make_table
from benchmarks.browser import NONE, installed_browser
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.stack import PictureServer, SampleCameras
from pycturestream.localstack.web_server import WebServer
from pycturestream.signals import ends_as

SETTLE_S: Final = 30.0
"""In which there are first results, windows and archived minutes to show."""
PAUSE_S: Final = 1.0
"""Between openings, so that a page's last requests are answered."""
TIMEOUT_S: Final = 20.0
WINDOW: Final[ViewportSize] = {"width": 1280, "height": 900}


@dataclass(frozen=True, slots=True)
class Target:
    """A page, and what of it is waited for, as selectors of CSS."""

    name: str
    path: str
    usable: str
    """What a person acts on."""
    complete: str
    """What takes longest of what the window shows."""


TARGETS: Final = (
    Target("live", "/live", "#wall li", "#wall canvas[data-frame]"),
    Target("one camera", "/live/plaza", "#clock:not(:empty)", "#camera canvas[data-frame]"),
    Target("search", "/search", "#number:not([hidden])", "#results img"),
    Target("zones", "/cameras/plaza/zones", "#editor:not([hidden])", "#snapshot:not([hidden])"),
    Target("report", "/report", "#filters:not([hidden])", "#timeline canvas"),
)


@dataclass(frozen=True, slots=True)
class Opening:
    """How long it took, from asking for the address."""

    usable_ms: float
    complete_ms: float


def measure(bench: Bench) -> Finding:
    """Open each page in each round of the plan. Raises StackError."""
    browser = installed_browser()
    if browser is None:
        bench.report("pages", f"left out: {NONE}")
        return Finding({}, [])
    openings: dict[str, list[Opening]] = {target.name: [] for target in TARGETS}
    with _shown(bench) as address, sync_playwright() as playwright:
        # There is no sandbox for root, and the pages are our own.
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        rounds = bench.plan.rounds
        for number in range(1 + rounds):
            bench.report("pages", f"round {number} of {rounds}" if number else "once before")
            for target in TARGETS:
                try:
                    opening = _open(chromium, address, target)
                except PlaywrightError as error:  # the other parts are worth having all the same
                    bench.report("pages", f"{target.path} was not shown: {error.message}")
                    continue
                if number:
                    openings[target.name].append(opening)
        chromium.close()
    return Finding({"openings_ms": openings}, [openings_table(openings)])


def openings_table(openings: dict[str, list[Opening]]) -> Table:
    table = make_table(
        "Pages in a browser, beside the sample cameras, ms",
        ("page", "usable", "from", "to", "complete", "from", "to"),
    )
    for name, each in openings.items():
        row = []
        for times in ([one.usable_ms for one in each], [one.complete_ms for one in each]):
            figures = (median(times), min(times), max(times)) if times else ()
            row += [f"{figure:.0f}" for figure in figures] or ["-", "", ""]
        table.add_row(name, *row)
    return table


@contextmanager
def _shown(bench: Bench) -> Iterator[str]:
    """Show the sample cameras during the block; yield the address of the pages."""
    web = WebServer(bench.settings)
    started = (SampleCameras(bench.settings), PictureServer(bench.settings), web)
    try:
        for server in started:
            launch(server, bench.report)
        time.sleep(SETTLE_S)
        yield web.live_page.removesuffix("/live")
    finally:
        # A second Ctrl-C would leave some of them running.
        with ends_as(signal.SIG_IGN):
            for server in reversed(started):
                halt(server)


def _open(chromium: Browser, address: str, target: Target) -> Opening:
    """Open a page as somebody who was never there. Raises PlaywrightError."""
    page = chromium.new_page(viewport=WINDOW)  # with a cache of its own
    page.set_default_timeout(1000 * TIMEOUT_S)
    try:
        began = time.perf_counter()
        page.goto(address + target.path, wait_until="commit")
        page.wait_for_selector(target.usable, state="attached")
        usable = time.perf_counter()
        page.wait_for_selector(target.complete, state="attached")
        complete = time.perf_counter()
        page.wait_for_timeout(1000 * PAUSE_S)
    finally:
        page.close()
    return Opening(1000 * (usable - began), 1000 * (complete - began))
