"""Holds descriptions, files, locks and the log against each other, and repairs what differs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.archive.archive import (
    Archive,
    ChangedError,
    Files,
    NotArchivedError,
    description_path,
    name_of,
)
from pycturestream.archive.locks import Lock, Locks, fault_of
from pycturestream.archive.retention import Publish, is_described, is_left, removed
from pycturestream.archive.storage import UnusableError
from pycturestream.contracts.archived import ArchivedRecord, decode_archived
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import DESCRIPTION, ArchiveName, is_ours
from pycturestream.domain.times import Millis, parse_this_century, rfc3339

Kind = Literal[
    "missing",  # a description or the log names a picture that is not there
    "extra",  # a picture that nothing describes
    "changed",  # a picture has another checksum
    "unreadable",  # a description that can't be read
    "unlisted",  # the log does not know a picture, or says that it was removed
    "foreign",  # a file that is none of the archive's
    "lock",  # a lock that can't be read, was changed, or whose pictures were
]


class Finding(Struct, frozen=True):
    """Something that does not agree."""

    kind: Kind
    path: str
    detail: str
    repaired: bool = False


Logged = Mapping[str, bytes | None]
"""By id, the newest record of each picture in the log as it is there; None: it was removed."""
ReadLog = Callable[[], Logged]
"""Reads the log. It is read again before anything is said about it: others go on writing."""


class Checked(Struct):
    """What a check has seen; complete when it has ended."""

    pictures: int = 0
    """Descriptions, those of rejected pictures without a file included."""
    bytes: int = 0
    locks: int = 0


class Check:
    """Compares what the archive says with what it holds. Lets StorageError through."""

    def __init__(
        self,
        archive: Archive,
        read_log: ReadLog | None,
        public_key: str,
        now: Millis,
        log_life_ms: int,
        camera_id: str | None = None,
    ) -> None:
        """Compare with the log too, which keeps records for `log_life_ms`; None: without.

        `public_key` is that of this system's locks. `camera_id` checks one camera alone, of which
        what `read_log` returns must be, too. What is written from `now` on is left out.
        """
        self._archive = archive
        self._locks = Locks(archive)
        self._read_log = read_log
        self._public_key = public_key
        self.now = now
        self._logged_since = now - log_life_ms
        self._camera_id = camera_id
        self._seen: set[str] = set()
        self._unlisted: list[ArchiveName] = []
        self.checked = Checked()

    def run(self, repair: Publish | None = None) -> Iterator[Finding]:
        """Yield what does not agree; with `repair`, which writes to the log, after it was repaired.

        What is missing or changed is no longer listed then, and what nothing describes is removed.
        Locked pictures and files of others stay as they are.
        """
        logged = self._read_log() if self._read_log else None
        cameras = self._archive.cameras() if self._camera_id is None else (self._camera_id,)
        for camera_id in cameras:
            yield from self._foreign(camera_id)
            for files in self._archive.files(camera_id):
                yield from self._check(files, logged, repair)
            yield from self._check_locks(camera_id)
        if self._read_log and logged is not None:
            yield from self._check_log(logged, self._read_log, repair)

    def _check(
        self, files: Files, logged: Logged | None, repair: Publish | None
    ) -> Iterator[Finding]:
        name = files.name
        if not files.is_described:
            yield from self._undescribed(files, repair)
            return
        try:
            record = self._archive.find(name)
            fault = self._fault(record) if record else None
            if fault:
                # Look again: it may just have been removed, or written anew.
                record = self._archive.find(name)
                fault = self._fault(record) if record else None
        except CodecError as error:
            if may_mend := self._may_mend(name, repair):
                self._archive.remove([name])
            yield Finding("unreadable", name.path(DESCRIPTION), str(error), may_mend)
            return
        if record is None:
            return  # removed since it was listed
        self._seen.add(record.id)
        self.checked.pictures += 1
        if fault is None:
            self.checked.bytes += files.size
            yield from self._superfluous(files, record, repair)
            if logged is not None and self._is_unlisted(record, logged):
                self._unlisted.append(name)
            return
        kind, detail = fault
        may_mend = self._may_mend(name, repair)
        if repair and may_mend:
            repair([removed(record, kind, self.now)])
            self._archive.remove([name])
        yield Finding(kind, record.path or name.path(DESCRIPTION), detail, may_mend)

    def _may_mend(self, name: ArchiveName, repair: Publish | None) -> bool:
        """Whether the files of a picture may be removed, by the locks as they are now."""
        return repair is not None and not self._locks.locked(name.camera_id).covers(name)

    def _undescribed(self, files: Files, repair: Publish | None) -> Iterator[Finding]:
        if not is_left(files, self.now):
            return  # somebody may be about to describe it
        may_mend = self._may_mend(files.name, repair)
        if is_described(self._archive, files.name):
            return
        if may_mend:
            self._archive.remove([files.name])
        for file in files.by_suffix.values():
            yield Finding("extra", file.path, "no description", may_mend)

    def _superfluous(
        self, files: Files, record: ArchivedRecord, repair: Publish | None
    ) -> Iterator[Finding]:
        for file in files.by_suffix.values():
            if file.path not in {record.path, files.name.path(DESCRIPTION)}:
                if may_mend := self._may_mend(files.name, repair):
                    self._archive.storage.remove([file.path])
                yield Finding("extra", file.path, "not in the description", may_mend)

    def _fault(self, record: ArchivedRecord) -> tuple[Literal["missing", "changed"], str] | None:
        """Return what is wrong with the file of a description."""
        if record.path is None:
            return None
        try:
            self._archive.picture(record.path, record.sha256)
        except NotArchivedError:
            return "missing", "no picture"
        except ChangedError:
            return "changed", "another checksum"
        except UnusableError as error:
            return "changed", str(error)
        return None

    def _is_unlisted(self, record: ArchivedRecord, logged: Logged) -> bool:
        """Whether the log does not say that a picture is there, and should."""
        updated_at = parse_this_century(record.updated_at)
        return self._logged_since <= updated_at < self.now and logged.get(record.id) is None

    def _check_log(
        self, before: Logged, read_log: ReadLog, repair: Publish | None
    ) -> Iterator[Finding]:
        """Compare with the log once more what did not agree: it may have been written meanwhile."""
        suspects = [key for key, said in before.items() if said and key not in self._seen]
        if not self._unlisted and not suspects:
            return
        logged = read_log()
        for name in self._unlisted:
            record = self._find(name)
            if not record or not self._is_unlisted(record, logged):
                continue
            if repair:
                # The description stays as it is: somebody may be about to write or remove it.
                repair([replace(record, updated_at=rfc3339(self.now))])
            was_removed = record.id in logged
            detail = "the log says that it was removed" if was_removed else "not in the log"
            yield Finding("unlisted", record.path or record.id, detail, repair is not None)
        for record_id in suspects:
            if said := logged.get(record_id):
                yield from self._check_logged(decode_archived(said), repair)

    def _check_logged(self, said: ArchivedRecord, repair: Publish | None) -> Iterator[Finding]:
        """Yield what the log says is there, and is not."""
        is_settled = parse_this_century(said.updated_at) < self.now
        has_expired = parse_this_century(said.expires_at) <= self.now
        if not is_settled or has_expired or self._find(name_of(said)):
            return
        if repair:
            repair([removed(said, "missing", self.now)])
        path = said.path or description_path(said)
        yield Finding("missing", path, "only the log names it", repair is not None)

    def _find(self, name: ArchiveName) -> ArchivedRecord | None:
        try:
            return self._archive.find(name)
        except CodecError:
            return None  # it was found to be so, or the next check finds it

    def _check_locks(self, camera_id: str) -> Iterator[Finding]:
        for path, lock in self._locks.of(camera_id):
            self.checked.locks += 1
            if not isinstance(lock, Lock):
                yield Finding("lock", path, f"can't be read: {lock}")
            elif fault := fault_of(lock, self._public_key):
                yield Finding("lock", path, f"{lock.alert_id}: {fault}")
            else:
                for picture in lock.pictures:
                    try:
                        self._archive.picture(picture.path, picture.sha256)
                    except (NotArchivedError, ChangedError, UnusableError) as error:
                        yield Finding("lock", path, f"{lock.alert_id}: {error}")

    def _foreign(self, camera_id: str) -> Iterator[Finding]:
        storage = self._archive.storage
        for folder in ((camera_id,), *((camera_id, day) for day in storage.folders(camera_id))):
            for file in storage.files(*folder):
                if not is_ours(file.path):
                    yield Finding("foreign", file.path, "no file of the archive; it stays")
