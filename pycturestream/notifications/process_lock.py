"""One alert service works on a store; two would send everything twice."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pycturestream.errors import ServiceError


class AnotherError(ServiceError):
    """Another process has the store; the message is one line."""


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keep others away from the file, until the process ends in whatever way.

    Raises AnotherError, and OSError where nothing can be written.
    """
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherError(f"{path}: another `pycturestream notify` works on it") from error
        yield
