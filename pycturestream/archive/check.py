"""Holds descriptions, files, locks and the log against each other, and repairs what differs."""

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.archive.archive import (
    Archive,
    ChangedError,
    Files,
    NotArchivedError,
    description_path,
)
from pycturestream.archive.locks import Lock, Locks, is_signed
from pycturestream.archive.retention import Publish, is_left, removed
from pycturestream.archive.storage import UnusableError
from pycturestream.contracts.archived import ArchivedRecord, decode_archived
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import is_ours
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
        logged: Logged | None,
        public_key: str,
        now: Millis,
        log_life_ms: int,
        camera_id: str | None = None,
    ) -> None:
        """Compare with `logged` too, of a log that keeps records for `log_life_ms`; None: without.

        `public_key` is that of this system's locks. `camera_id` checks one camera alone, of which
        `logged` must be, too.
        """
        self._archive = archive
        self._locks = Locks(archive)
        self._logged = logged
        self._public_key = public_key
        self.now = now
        self._logged_since = now - log_life_ms
        self._camera_id = camera_id
        self._seen: set[str] = set()
        self.checked = Checked()

    def run(self, repair: Publish | None = None) -> Iterator[Finding]:
        """Yield what does not agree; with `repair`, which writes to the log, after it was repaired.

        What is missing or changed is no longer listed then, and what nothing describes is removed.
        Locked pictures and files of others stay as they are.
        """
        cameras = self._archive.cameras() if self._camera_id is None else (self._camera_id,)
        for camera_id in cameras:
            locked = self._locks.locked_paths(camera_id)
            yield from self._foreign(camera_id)
            for files in self._archive.files(camera_id):
                yield from self._check(files, locked, repair)
            yield from self._check_locks(camera_id)
        yield from self._check_log(repair)

    def _check(
        self, files: Files, locked: frozenset[str], repair: Publish | None
    ) -> Iterator[Finding]:
        may_mend = repair is not None and not any(
            file.path in locked for file in files.by_suffix.values()
        )
        if not files.is_described:
            yield from self._undescribed(files, may_mend=may_mend)
            return
        try:
            record = self._archive.find(files.name)
        except CodecError as error:
            if may_mend:
                self._archive.remove([files.name])
            yield Finding("unreadable", files.name.path("json"), str(error), may_mend)
            return
        if record is None:
            return  # removed since it was listed
        self._seen.add(record.id)
        self.checked.pictures += 1
        fault = self._fault(record)
        if fault is None:
            self.checked.bytes += files.size
            yield from self._superfluous(files, record, repair)
            yield from self._check_listed(record, repair)
            return
        kind, detail = fault
        if repair and may_mend:
            repair([removed(record, kind, self.now)])
            self._archive.remove([files.name])
        yield Finding(kind, record.path or files.name.path("json"), detail, may_mend)

    def _undescribed(self, files: Files, *, may_mend: bool) -> Iterator[Finding]:
        if not is_left(files, self.now):
            return  # somebody may be about to describe it
        for file in files.by_suffix.values():
            yield Finding("extra", file.path, "no description", may_mend)
        if may_mend:
            self._archive.remove([files.name])

    def _superfluous(
        self, files: Files, record: ArchivedRecord, repair: Publish | None
    ) -> Iterator[Finding]:
        for file in files.by_suffix.values():
            if file.path not in {record.path, files.name.path("json")}:
                if repair:
                    self._archive.storage.remove([file.path])
                yield Finding("extra", file.path, "not in the description", repair is not None)

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

    def _check_listed(self, record: ArchivedRecord, repair: Publish | None) -> Iterator[Finding]:
        """Compare a sound picture with the log, as long as that holds records of its time."""
        if self._logged is None or parse_this_century(record.updated_at) < self._logged_since:
            return
        if self._logged.get(record.id) is not None:
            return
        if repair:
            listed = replace(record, updated_at=rfc3339(self.now))
            self._archive.put(listed)
            repair([listed])
        was_removed = record.id in self._logged
        detail = "the log says that it was removed" if was_removed else "not in the log"
        yield Finding("unlisted", record.path or record.id, detail, repair is not None)

    def _check_log(self, repair: Publish | None) -> Iterator[Finding]:
        """Yield what the log says is there, and is not."""
        for record_id, said in (self._logged or {}).items():
            if said is None or record_id in self._seen:
                continue
            record = decode_archived(said)
            if parse_this_century(record.expires_at) <= self.now:
                continue
            if repair:
                repair([removed(record, "missing", self.now)])
            path = record.path or description_path(record)
            yield Finding("missing", path, "only the log names it", repair is not None)

    def _check_locks(self, camera_id: str) -> Iterator[Finding]:
        for path, lock in self._locks.of(camera_id):
            self.checked.locks += 1
            if not isinstance(lock, Lock):
                yield Finding("lock", path, f"can't be read: {lock}")
            elif not is_signed(lock):
                yield Finding("lock", path, f"{lock.alert_id}: changed since it was signed")
            elif not is_signed(lock, self._public_key):
                yield Finding("lock", path, f"{lock.alert_id}: signed by another key")
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
