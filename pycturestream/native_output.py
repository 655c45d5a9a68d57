"""Keeps notes of native code, which no setting turns off, from the error output of commands."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Final

_ERROR_OUTPUT: Final = 2
_END_S: Final = 1.0
"""A process that was started meanwhile has the pipe too: what it writes is passed on until it ends,
and is not waited for."""

_lock = Lock()
"""One at a time: each puts back what it found."""


@contextmanager
def without_notes(notes: re.Pattern[bytes]) -> Iterator[None]:
    """Pass on what is written to the error output, without lines whose beginning is such a note.

    At once, and not at the end: what native code says before it ends its process must not be lost.
    """
    with _lock:
        try:
            output = os.dup(_ERROR_OUTPUT)
        except OSError:  # it is closed
            yield
            return
        reading, writing = os.pipe()
        reader = Thread(target=_pass_on, args=(reading, output, notes), daemon=True)
        reader.start()
        os.dup2(writing, _ERROR_OUTPUT)
        os.close(writing)
        try:
            yield
        finally:
            os.dup2(output, _ERROR_OUTPUT)
            reader.join(_END_S)


def _pass_on(reading: int, output: int, notes: re.Pattern[bytes]) -> None:
    """Write the lines that are no notes, until nobody writes any more."""
    with open(reading, "rb") as lines, open(output, "wb", buffering=0) as passed_on:
        for line in lines:
            if not notes.match(line):
                passed_on.write(line)
