"""The browser in which pages are measured."""

import shutil
from typing import Final

BROWSERS: Final = ("chromium-headless-shell", "chromium", "google-chrome")
"""The first has no window to draw: people have theirs on another machine."""
NONE: Final = f"none of {', '.join(BROWSERS)} on PATH"


def installed_browser() -> str | None:
    """Return the path of the first that is there."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
