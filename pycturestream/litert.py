"""Prepares LiteRT's interpreters, without the line that the first one of a process writes.

It says that XNNPACK computes, which it always does. LiteRT has no setting for it: its native code
writes it straight to the error output, which is for people who run commands.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, Final

_NOTE: Final = b"INFO: Created TensorFlow Lite XNNPACK delegate"
_ERROR_OUTPUT: Final = 2

_lock = Lock()
_are_prepared = False


def allocate_tensors(interpreter: Any) -> None:
    """Make an `ai_edge_litert` interpreter ready for inputs of the size that was set.

    Raises RuntimeError.
    """
    global _are_prepared  # noqa: PLW0603 - the line is written once in a process
    if _are_prepared:
        interpreter.allocate_tensors()
        return
    with _lock, nullcontext() if _are_prepared else _without_note():
        interpreter.allocate_tensors()
        _are_prepared = True


@contextmanager
def _without_note() -> Iterator[None]:
    """Hold back what is written to the error output, then write all of it but the note."""
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
                if not line.startswith(_NOTE):
                    os.write(_ERROR_OUTPUT, line)
