"""Keeps notes of native code, which no setting turns off, from the error output of commands."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final

_ERROR_OUTPUT: Final = 2
_END_S: Final = 1.0
"""A process that was started meanwhile has the pipe too: what it writes is passed on until it ends,
and is not waited for."""

_lock = Lock()
"""One at a time: each puts back what it found."""


@contextmanager
def without_notes(*beginnings: str) -> Iterator[None]:
    """Pass on what is written to the error output, without lines that begin so.

    `beginnings` are extended regular expressions without a slash. What is passed on comes at once,
    by a process of its own, `sed`: what native code says before it ends this one must not be lost.
    Where that can't be started, everything is passed on.
    """
    with _lock:
        try:
            output = os.dup(_ERROR_OUTPUT)
        except OSError:  # it is closed
            yield
            return
        try:
            passing = subprocess.Popen(
                ["sed", "--unbuffered", "--regexp-extended", f"/^({'|'.join(beginnings)})/d"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # or Ctrl-C would end it before its work
            )
        except OSError:
            os.close(output)
            yield
            return
        assert passing.stdin is not None  # noqa: S101 - for mypy
        os.dup2(passing.stdin.fileno(), _ERROR_OUTPUT)
        passing.stdin.close()
        try:
            yield
        finally:
            os.dup2(output, _ERROR_OUTPUT)
            os.close(output)
            with suppress(subprocess.TimeoutExpired):
                passing.wait(_END_S)
