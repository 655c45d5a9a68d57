"""Where the files of the archive are: what a folder and an object store have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pycturestream.config.settings import Settings
from pycturestream.domain.archive.names import is_ours
from pycturestream.domain.times import Millis
from pycturestream.errors import DataError, ServiceError

_OBJECT_STORE = "s3://"


class StorageError(ServiceError):
    """The storage does not answer, or does not do what it was asked; the message is one line."""


class UnusableError(StorageError):
    """What is at a path is no file that the archive can have written: a link, or too large."""


class NotStoredError(DataError):
    """There is no such file."""


class PathError(DataError):
    """A path that is none of the archive's."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file, with its path within the archive."""

    path: str
    size: int
    modified_at: Millis


class Storage(Protocol):
    """Files by their path. All but NotStoredError and PathError is a StorageError.

    Each method that takes the path of a file refuses what is no path of the archive.
    """

    place: str
    """For people."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file, completely or not at all; one of this path is replaced."""

    def read(self, path: str, byte_limit: int) -> bytes:
        """Return a file. Raises NotStoredError, and UnusableError for one that is larger."""

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files in this order; one that is not there is no fault."""

    def folders(self, *within: str) -> Iterator[str]:
        """Yield the names of the folders within a folder, in their order; none: of the root."""

    def files(self, *within: str) -> Iterator[StoredFile]:
        """Yield the files of a folder in the order of their names."""

    def clear_unfinished(self, *within: str, before: Millis) -> None:
        """Remove what a killed process left of files that it was writing before then."""


def require_path(path: str) -> tuple[str, ...]:
    """Return the steps of a path of the archive. Raises PathError."""
    if not is_ours(path):
        raise PathError(f"{path[:200]!a} is no path of the archive")
    return tuple(path.split("/"))


def archive_folder(settings: Settings) -> Path | None:
    """Return the folder of the archive; None where that is no folder but an object store."""
    place = settings.archive_place
    return None if place.startswith(_OBJECT_STORE) else Path(place).resolve()


def open_storage(settings: Settings) -> Storage:
    """Return the storage that the settings name. Raises StorageError."""
    place = settings.archive_place
    # Each is imported only where it is used: an object store's client takes memory.
    if place.startswith(_OBJECT_STORE):
        from pycturestream.archive.object_store import ObjectStorage  # noqa: PLC0415

        return ObjectStorage(place, settings.store_timeout_ms)
    from pycturestream.archive.folder import FolderStorage  # noqa: PLC0415

    return FolderStorage(place)
