"""A page of the application in a browser."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from benchmarks import browser
from tests.served import served
from tests.waiting import eventually

__all__ = ["OpenPage", "installed_browser", "mark_as_false", "served"]


def installed_browser() -> str:
    """Return the path of a browser; the test is skipped where there is none."""
    path = browser.installed_browser()
    if path is None:
        pytest.skip(browser.NONE)
    return path


@dataclass(slots=True)
class OpenPage:
    """A page of the application in a browser; collects what fails in its scripts."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda entry: self._note(entry.text))

    def _note(self, text: str) -> None:
        if "Content Security" in text:
            self.errors.append(text)

    def goto(self, path: str) -> None:
        self.page.goto(self.address + path)

    def until(self, expression: str) -> None:
        """Wait until it is true; the policy of the pages forbids what Playwright has for this."""
        assert eventually(lambda: self.page.evaluate(expression)), expression

    def violations(self) -> list[str]:
        """Return what axe finds that people who use a screen reader or a keyboard stumble over."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]

    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))


def mark_as_false(page: OpenPage, place: str, reason: str) -> None:
    """Open the form of an alert of one camera, and type.

    The list may be drawn anew meanwhile, and the click be lost.
    """

    def is_asked() -> bool:
        if not page.page.locator("#alerts form").count():
            page.page.click(f"{place} >> button:text('False alarm')")
        return page.page.locator("#alerts form").count() > 0

    assert eventually(is_asked)
    page.page.keyboard.type(reason)
