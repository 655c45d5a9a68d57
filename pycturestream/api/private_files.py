"""Files that nobody else may read: tokens, and the secret that signs links."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from pycturestream.config.settings import Settings


def private_folder(settings: Settings) -> Path:
    """Return the folder, made where it is missing. Lets OSError through."""
    folder = settings.data_folder / "web"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, data: bytes) -> None:
    """Write a whole file at once: a reader sees the old one or the new one."""
    draft = _draft(path, data)
    draft.replace(path)


def read_or_make(path: Path, data: bytes) -> bytes:
    """Return what the file holds; where there is none it is made to hold `data`.

    Of several processes that come at once, one makes it and all get the same.
    """
    if not path.exists():
        draft = _draft(path, data)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time change a file."""
    with os.fdopen(os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)) as lock:
        flock(lock, LOCK_EX)
        yield


def _draft(path: Path, data: bytes) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return draft
