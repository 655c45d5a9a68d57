"""Opens an address in the browser of who started the command."""

import os
import webbrowser
from threading import Thread

from pycturestream.cli.output import errors


def open_in_browser(address: str) -> None:
    """Open it in a window, without waiting; say so in one line where there is no such browser."""
    browser = _browser()
    if browser is None:
        line = f"no browser can be opened from here: open {address} yourself"
        errors.print(line, soft_wrap=True, highlight=False, markup=False)
        return
    # Some wait until their window is closed.
    Thread(target=browser.open, args=(address,), name="browser", daemon=True).start()


def _browser() -> webbrowser.BaseBrowser | None:
    """Return the browser that the system or BROWSER names; None for one in this terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return None
    # It would draw over what the command prints. Those with windows are of other classes.
    is_in_terminal = type(browser) is webbrowser.GenericBrowser and "BROWSER" not in os.environ
    return None if is_in_terminal else browser
