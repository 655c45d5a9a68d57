"""Where a line must not end, on screens that wrap lines."""

import re

_BOUND = re.compile(r"(?<=«) | (?=[»:;?!](?:[ \n]|$))")


def unbroken(value: object) -> object:
    """Return a text in which no line can begin with a sign that belongs to the word before it.

    Only French has spaces there. What is no text stays as it is, so that templates can pass
    everything that they show.
    """
    return _BOUND.sub("\N{NO-BREAK SPACE}", value) if isinstance(value, str) else value
