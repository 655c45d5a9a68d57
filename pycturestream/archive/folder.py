"""The archive in a folder. No path and no link leads out of it."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pycturestream.archive.storage import (
    NotStoredError,
    StorageError,
    StoredFile,
    UnusableError,
    require_path,
)
from pycturestream.domain.times import Millis
from pycturestream.files_below import file_below, folder_below, give_as_around

_UNFINISHED = ".part"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class FolderStorage:
    """Files that only their owner may read."""

    def __init__(self, folder: str) -> None:
        self._root = Path(folder)
        self.place = folder

    def write(self, path: str, data: bytes) -> None:
        *folders, name = require_path(path)
        draft = f".{name}.{secrets.token_hex(4)}{_UNFINISHED}"
        with self._faults(path), folder_below(self._root, folders, make=True) as folder:
            try:
                with os.fdopen(os.open(draft, _NEW, 0o600, dir_fd=folder), "wb") as file:
                    give_as_around(file.fileno(), folder)
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                with suppress(OSError):
                    os.unlink(draft, dir_fd=folder)
                raise

    def read(self, path: str, byte_limit: int) -> bytes:
        steps = require_path(path)
        with self._faults(path), file_below(self._root, steps) as file:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise UnusableError(f"{self.place}: {path}: no regular file")
            if status.st_size > byte_limit:
                raise UnusableError(
                    f"{self.place}: {path}: {status.st_size} bytes, allowed {byte_limit}"
                )
            with os.fdopen(file, "rb", closefd=False) as stored:
                return stored.read(byte_limit)

    def remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            *folders, name = require_path(path)
            with suppress(NotStoredError), self._faults(path):
                with folder_below(self._root, folders) as folder:
                    os.unlink(name, dir_fd=folder)
                self._remove_if_empty(folders)

    def folders(self, *within: str) -> Iterator[str]:
        for entry in self._entries(within):
            if entry.is_dir(follow_symlinks=False):
                yield entry.name

    def files(self, *within: str) -> Iterator[StoredFile]:
        for entry in self._entries(within):
            if entry.is_dir(follow_symlinks=False) or is_unfinished(entry.name):
                continue
            with suppress(FileNotFoundError):  # removed since the folder was listed
                status = entry.stat(follow_symlinks=False)
                yield StoredFile(
                    "/".join((*within, entry.name)),
                    status.st_size,
                    Millis(status.st_mtime_ns // 1_000_000),
                )

    def clear_unfinished(self, *within: str, before: Millis) -> None:
        for entry in self._entries(within):
            if is_unfinished(entry.name):
                with suppress(FileNotFoundError, NotStoredError):  # removed since
                    if entry.stat(follow_symlinks=False).st_mtime_ns < before * 1_000_000:
                        self._unlink(within, entry.name)

    def _unlink(self, folders: Sequence[str], name: str) -> None:
        with self._faults(name), folder_below(self._root, folders) as folder:
            os.unlink(name, dir_fd=folder)

    def _remove_if_empty(self, folders: Sequence[str]) -> None:
        """Remove a folder without files, and that of a camera without folders."""
        for depth in range(len(folders), 0, -1):
            *outer, name = folders[:depth]
            try:
                with folder_below(self._root, outer) as folder:
                    os.rmdir(name, dir_fd=folder)
            except OSError:
                return  # something is in it

    def _entries(self, within: Sequence[str]) -> "Iterator[os.DirEntry[str]]":
        try:
            with self._faults("/".join(within)), folder_below(self._root, within) as folder:
                with os.scandir(folder) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
                yield from entries
        except NotStoredError:
            return

    @contextmanager
    def _faults(self, path: str) -> Iterator[None]:
        """Raise NotStoredError or StorageError for what the system raises."""
        try:
            yield
        except FileNotFoundError as error:
            raise NotStoredError(f"{path} is not in the archive") from error
        except OSError as error:
            # A link, or a folder in the place of a file.
            is_unusable = error.errno in {errno.ELOOP, errno.EISDIR}
            kind = UnusableError if is_unusable else StorageError
            raise kind(f"{self.place}: {path}: {error.strerror or error}") from error


def is_unfinished(name: str) -> bool:
    """Whether a file is one that is being written, or was when a process was killed."""
    return name.startswith(".") and name.endswith(_UNFINISHED)
