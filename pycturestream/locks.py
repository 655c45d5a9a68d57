"""File locks between processes. The operating system releases them when a process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pycturestream.errors import ServiceError

_PRIVATE = 0o600


class LockedError(ServiceError):
    """Another process holds the lock; the message is one line."""


@contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Let one process at a time work on a file; wait until it is free. Lets OSError through.

    The lock is a file beside `path` with the suffix `.lock`, which stays there.
    """
    with FileLock(_lock_file(path), mode=_PRIVATE):
        yield


@contextmanager
def hold_lock(path: Path, holder: str) -> Iterator[None]:
    """Keep other processes away from a file, without waiting for it.

    `holder` says for the message of LockedError which process has the file. Lets OSError through.
    """
    lock = FileLock(_lock_file(path), mode=_PRIVATE, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise LockedError(f"{path}: {holder} works on it") from error
    try:
        yield
    finally:
        lock.release()


def _lock_file(path: Path) -> Path:
    return path.with_suffix(".lock")
