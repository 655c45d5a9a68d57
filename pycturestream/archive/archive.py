"""The pictures of the archive, each with its description beside it.

A picture is there when its description is: that is written after the picture and removed before it.
So whenever a process is killed, what it leaves is a picture without a description, which the next
retention removes, and never a description that promises what is not there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from pycturestream.archive.storage import (
    NotStoredError,
    Storage,
    StorageError,
    StoredFile,
    UnusableError,
    open_storage,
)
from pycturestream.config.settings import Settings
from pycturestream.contracts.archived import ArchivedRecord, decode_archived, encode_archived
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import DESCRIPTION, ArchiveName, Suffix, date, parse_path
from pycturestream.domain.archive.retention import Held
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import Millis, parse_this_century
from pycturestream.errors import DataError

DESCRIPTION_LIMIT = 100_000
"""Bytes; one has less than a thousand, or some more where it names many alerts."""


class ChangedError(DataError):
    """A picture is not the one that was archived."""


class NotArchivedError(DataError):
    """The archive holds no such picture."""


@dataclass(frozen=True, slots=True)
class Files:
    """All files of one picture, by their suffix."""

    name: ArchiveName
    by_suffix: dict[Suffix, StoredFile]

    @property
    def is_described(self) -> bool:
        return DESCRIPTION in self.by_suffix

    @property
    def size(self) -> int:
        return sum(file.size for file in self.by_suffix.values())

    @property
    def modified_at(self) -> Millis:
        return max(file.modified_at for file in self.by_suffix.values())


class Archive:
    """Writes, reads and removes pictures with their descriptions. Lets StorageError through."""

    def __init__(self, storage: Storage, byte_limit: int) -> None:
        """Read no picture that is larger than `byte_limit`."""
        self.storage = storage
        self._byte_limit = byte_limit

    @classmethod
    def of(cls, settings: Settings) -> "Archive":
        """Return the archive that the settings name. Raises StorageError."""
        limit = max(settings.reference_byte_limit, settings.message_byte_limit)
        return cls(open_storage(settings), limit)

    def put(self, record: ArchivedRecord, data: bytes | None = None) -> None:
        """Write a picture, where one is given, and then its description."""
        if data is not None and record.path is not None:
            self.storage.write(record.path, data)
        self.storage.write(description_path(record), encode_archived(record))

    def find(self, name: ArchiveName) -> ArchivedRecord | None:
        """Return the description of a picture; None where there is none.

        Raises CodecError for one that can't be read.
        """
        try:
            data = self.storage.read(name.path(DESCRIPTION), DESCRIPTION_LIMIT)
        except NotStoredError:
            return None
        except UnusableError as error:
            raise CodecError(str(error)) from error
        record = decode_archived(data)
        if (record.camera_id, record.id) != (name.camera_id, name.stem):
            raise CodecError(f"id: {record.id[:80]!a} is that of another picture")
        return record

    def picture(self, path: str, checksum: str | None = None) -> bytes:
        """Return the bytes of a path, which may come from anywhere.

        Raises PathError for one that is no path of the archive, NotArchivedError where nothing is
        there, ChangedError where it has another checksum, UnusableError for a link or a giant.
        """
        try:
            data = self.storage.read(path, self._byte_limit)
        except NotStoredError as error:
            raise NotArchivedError(str(error)) from error
        if checksum is not None and sha256(data).hexdigest() != checksum:
            raise ChangedError(f"{path} was changed since it was archived")
        return data

    def remove(self, names: Iterable[ArchiveName]) -> None:
        """Remove all files of these pictures: first what describes them."""
        for name in names:
            suffixes: tuple[Suffix, ...] = (DESCRIPTION, "jpg", "bin")
            self.storage.remove([name.path(suffix) for suffix in suffixes])

    def cameras(self) -> Iterator[str]:
        """Yield the cameras of which the archive holds something."""
        return (folder for folder in self.storage.folders() if is_camera_id(folder))

    def files(self, camera_id: str, first: str = "", last: str = "~") -> Iterator[Files]:
        """Yield the files of a camera's pictures in the order of their times.

        `first` and `last` are days such as `2026-11-21`. What has no name of a picture is left out.
        """
        for day in self.storage.folders(camera_id):
            if first <= day <= last:
                yield from self._of_day(camera_id, day)

    def held(
        self, camera_id: str, is_locked: Callable[[ArchiveName], bool] = lambda _: False
    ) -> Iterator[Held]:
        """Yield the pictures of a camera in the order of their times."""
        for files in self.files(camera_id):
            if files.is_described:
                yield Held(files.name, files.size, is_locked(files.name))

    def records(self, camera_id: str, since: Millis, until: Millis) -> Iterator[ArchivedRecord]:
        """Yield the descriptions of a camera's pictures from `since` until just before `until`.

        Those that can't be read are left out: a check reports them.
        """
        for files in self.files(camera_id, date(since), date(until)):
            if files.is_described and since <= files.name.at < until:
                try:
                    record = self.find(files.name)
                except CodecError:
                    continue
                if record:  # not removed since
                    yield record

    def _of_day(self, camera_id: str, day: str) -> Iterator[Files]:
        def named() -> Iterator[tuple[ArchiveName, Suffix, StoredFile]]:
            for file in self.storage.files(camera_id, day):
                try:
                    name, suffix = parse_path(file.path)
                except ValueError:
                    continue
                yield name, suffix, file

        for name, group in groupby(named(), key=lambda one: one[0]):
            yield Files(name, {suffix: file for _, suffix, file in group})


def description_path(record: ArchivedRecord) -> str:
    """Return where the description of a picture is."""
    return name_of(record).path(DESCRIPTION)


def name_of(record: ArchivedRecord) -> ArchiveName:
    """Return the name of a picture. Raises StorageError for a record that can have none."""
    try:
        name = ArchiveName(record.camera_id, record.id, parse_this_century(record.captured_at))
        parse_path(name.path(DESCRIPTION))
    except ValueError as error:
        raise StorageError(f"{record.id[:80]!a} can't name a picture of the archive") from error
    return name
