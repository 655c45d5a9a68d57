"""The reference folder: pictures that are too large for the log lie beside it, in files.

A producer writes a picture to `{camera_id}/{frame_id}.jpg` and publishes that name as the frame's
reference; the job and the command line read it. Both sides share the folder.

A file's modification time is the time at which it is to be removed. So anything with a clock
can clear up: the writing process, the next one when it starts, `pycturestream up` and `down`, or
the machine's own timer, with `pycturestream privacy clean`.

A reference comes from outside, so a reader walks it step by step from the root: each step is a
plain name, and no step follows a link.
"""

import os
import stat
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.admission import no_references
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError
from pycturestream.files_below import file_below
from pycturestream.logging_setup import get_logger

NAME_LIMIT = 256
"""Bytes of a reference: a camera's id and a frame's name have 150 at most."""
_MARK = "pycturestream-references.txt"
_UNFINISHED_MS = 60_000
"""A file that is not complete by then was left by a process that was killed."""
_CLEAR_EVERY_MS = 10_000
"""As long as the broker leaves the file of a record in place, so that neither stays longer."""

_log = get_logger(__name__)


class StorageError(ServiceError):
    """A picture can't be put into the reference folder; the message is one line."""


class References:
    """Writes the pictures of one camera."""

    def __init__(self, camera_id: str, keep_ms: int, settings: Settings, clock: Clock) -> None:
        """Keep each picture for `keep_ms`, and clear up from now on.

        Raises StorageError where no folder is set, or one that holds other files.
        """
        if not settings.reference_folder:
            raise StorageError(
                "pictures of full size are stored in a folder that producers and job share: "
                "set PYCTURESTREAM_REFERENCE_FOLDER"
            )
        self._root = Path(settings.reference_folder)
        self._camera_id = camera_id
        self._keep_ms = keep_ms
        self._byte_limit = settings.reference_byte_limit
        self._clock = clock
        _claim(self._root)
        _keep_clear(self._root, min(settings.retention_check_ms, _CLEAR_EVERY_MS) / 1000)

    def write(self, captured_at: Millis, jpeg: bytes) -> str:
        """Write a picture, completely or not at all, and return its name below the folder.

        Raises StorageError.
        """
        if len(jpeg) > self._byte_limit:
            raise StorageError(f"{len(jpeg)} bytes, allowed {self._byte_limit}")
        path = self._root / self._camera_id / f"{frame_id(self._camera_id, captured_at)}.jpg"
        unfinished = path.with_suffix(".part")
        remove_at = (self._clock.now() + self._keep_ms) / 1000
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(jpeg)
            os.utime(unfinished, (remove_at, remove_at))
            unfinished.replace(path)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error
        return str(path.relative_to(self._root))


def _claim(root: Path) -> None:
    """Mark a new or empty folder as ours. Files in any other folder must not be removed."""
    mark = root / _MARK
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not mark.exists():
            if any(root.iterdir()):
                raise StorageError(
                    f"{root} holds other files, and pictures there are removed after some minutes: "
                    "set PYCTURESTREAM_REFERENCE_FOLDER to an empty folder"
                )
            mark.write_text("Pictures in here are removed when their modification time has come.\n")
    except OSError as error:
        raise StorageError(f"{root}: {error.strerror}") from error


@cache
def _keep_clear(root: Path, interval_s: float) -> None:
    """Clear up after all cameras, including former ones, from now on until the process ends.

    One thread for each process and folder: a camera that was switched off or removed leaves
    pictures that still have to be removed.
    """

    def keep_clear() -> None:
        while True:
            try:
                clear_up(root, Millis(time.time_ns() // 1_000_000))
            except OSError as error:
                # A share that is away for a moment; nothing would start this thread again.
                _log.warning(f"{root}: old pictures could not be removed: {error.strerror}")
            time.sleep(interval_s)

    threading.Thread(target=keep_clear, name="references", daemon=True).start()


def is_reference_folder(root: Path) -> bool:
    """Return whether a producer of ours has marked the folder: files of others must stay."""
    return (root / _MARK).is_file()


def clear_up(root: Path, now: Millis, early_ms: int = 0) -> int:
    """Remove the pictures whose time has come, or comes within `early_ms`; return how many."""
    removed = 0
    for suffix, until in ((".jpg", now + early_ms), (".part", now - _UNFINISHED_MS)):
        for path in root.glob(f"*/*{suffix}"):
            try:
                if path.stat().st_mtime_ns <= until * 1_000_000:
                    path.unlink()
                    removed += 1
            except OSError:
                continue  # another process was faster, or the file belongs to another user
    return removed


@dataclass(frozen=True, slots=True)
class ReferenceFolder:
    """Reads pictures by reference."""

    root: Path | None
    """None: there is no folder, and every reference is rejected."""
    byte_limit: int
    """A larger file is not read."""

    @classmethod
    def of(cls, settings: Settings) -> "ReferenceFolder":
        """Return the folder that the settings name."""
        root = Path(settings.reference_folder) if settings.reference_folder else None
        return cls(root, settings.reference_byte_limit)

    def read(self, reference: bytes) -> bytes:
        """Return the picture that a header `reference` names. Raises Rejection `bad-reference`."""
        if self.root is None:
            no_references(reference)
        try:
            with file_below(self.root, _steps(reference)) as file:
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


def _read(file: int, reference: bytes, byte_limit: int) -> bytes:
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        raise _rejection(reference, "no regular file")
    if status.st_size > byte_limit:
        raise _rejection(reference, f"{status.st_size} bytes, allowed {byte_limit}")
    with os.fdopen(file, "rb", closefd=False) as picture:
        return picture.read(byte_limit)


def _rejection(reference: bytes, why: str) -> Rejection:
    return Rejection("bad-reference", f"{reference[:80]!r}: {why}")
