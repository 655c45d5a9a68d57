"""Keeps notes of native code, which no setting turns off, from the error output of commands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from threading import Lock
from typing import Final

_ERROR_OUTPUT: Final = 2

_lock = Lock()
"""One at a time: each puts back what it found."""


@contextmanager
def without_notes(*beginnings: bytes) -> Iterator[None]:
    """Hold back what is written to the error output, then write it, without lines that begin so."""
    with _lock:
        try:
            output = os.dup(_ERROR_OUTPUT)
        except OSError:  # it is closed
            yield
            return
        with TemporaryFile() as held:
            os.dup2(held.fileno(), _ERROR_OUTPUT)
            try:
                yield
            finally:
                os.dup2(output, _ERROR_OUTPUT)
                os.close(output)
                held.seek(0)
                for line in held:
                    if not line.startswith(beginnings):
                        os.write(_ERROR_OUTPUT, line)
