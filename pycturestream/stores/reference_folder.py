"""Reads pictures that lie beside the log, because they are too large for it.

A reference comes from outside, so it is walked step by step from the root: every step is a plain
name, and no step follows a link.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.admission import no_references
from pycturestream.domain.frames.rejection import Rejection

NAME_LIMIT = 256
"""Bytes of a reference: a camera's id and a frame's name have 150 at most."""


@dataclass(frozen=True, slots=True)
class ReferenceFolder:
    """The folder under which all pictures by reference lie."""

    root: Path | None
    """None: there is none, and every reference is refused."""
    byte_limit: int
    """A larger file is not read."""

    @classmethod
    def of(cls, settings: Settings) -> "ReferenceFolder":
        """Return the folder that the settings name."""
        root = Path(settings.reference_folder) if settings.reference_folder else None
        return cls(root, settings.reference_byte_limit)

    def read(self, reference: bytes) -> bytes:
        """Return the picture that a header `reference` names. Raises Refusal `bad-reference`."""
        if self.root is None:
            no_references(reference)
        try:
            with _opened(self.root, _steps(reference)) as file:
                return _read(file, reference, self.byte_limit)
        except OSError as error:
            raise _rejection(reference, error.strerror or "can't be read") from error


def _steps(reference: bytes) -> tuple[str, ...]:
    """Return folders and file name of a reference, which stays below where it begins."""
    if len(reference) > NAME_LIMIT or b"\0" in reference:
        raise _rejection(reference, "no name of a file")
    try:
        path = PurePosixPath(reference.decode())
    except UnicodeDecodeError as error:
        raise _rejection(reference, "no UTF-8") from error
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise _rejection(reference, "no path below the folder")
    return path.parts


@contextmanager
def _opened(root: Path, steps: tuple[str, ...]) -> Iterator[int]:
    """Yield the descriptor of a file that is reached without a link; OSError if there is none."""
    *folders, name = steps
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        # Or opening a pipe would wait for its other end.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
    try:
        yield file
    finally:
        os.close(file)


def _read(file: int, reference: bytes, byte_limit: int) -> bytes:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise _rejection(reference, "no regular file")
    if found.st_size > byte_limit:
        raise _rejection(reference, f"{found.st_size} bytes, allowed {byte_limit}")
    with os.fdopen(file, "rb", closefd=False) as picture:
        return picture.read(byte_limit)


def _rejection(reference: bytes, why: str) -> Rejection:
    return Rejection("bad-reference", f"{reference[:80]!r}: {why}")
