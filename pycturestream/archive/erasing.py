"""The archive as a place of erasures: files are removed, and locks forget them."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from pycturestream.archive.archive import Archive, Files
from pycturestream.archive.locks import Lock, Locks, LockSigner, is_signed
from pycturestream.archive.storage import UnusableError
from pycturestream.config.settings import Settings
from pycturestream.domain.archive.names import date, parse_path
from pycturestream.domain.erasure import Erasure, PlaceReport

_LOCKS: Final = "locks"


class ArchivePlace:
    """Pictures of the archive, locked ones too. Lets StorageError and OSError through."""

    name = "archive"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def count(self, erasure: Erasure) -> PlaceReport:
        found = sum(1 for _ in files_of(Archive.of(self._settings), erasure))
        return PlaceReport(self.name, {"pictures": found})

    def erase(self, erasure: Erasure) -> PlaceReport:
        """Remove the pictures; what the log says of them is erased there."""
        archive = Archive.of(self._settings)
        changed = self._unlock(archive, erasure)
        removed, fault = 0, None
        for name in [files.name for files in files_of(archive, erasure)]:
            try:
                archive.remove([name])
            except UnusableError as error:
                fault = fault or error  # the others go all the same
            else:
                removed += 1
        if fault:
            raise fault
        return PlaceReport(self.name, {"pictures": removed, _LOCKS: changed})

    def _unlock(self, archive: Archive, erasure: Erasure) -> int:
        """Take the pictures out of all locks; return how many locks named one."""
        locks, signer, changed = Locks(archive), LockSigner(self._settings), 0
        for _, lock in list(locks.of(erasure.camera_id)):
            if not isinstance(lock, Lock):
                continue
            rest = tuple(one for one in lock.pictures if not _is_erased(one.path, erasure))
            if len(rest) == len(lock.pictures):
                continue
            changed += 1
            if rest:
                left = replace(lock, pictures=rest)
                # A signature must not make good what somebody else changed or signed.
                is_ours = is_signed(lock, signer.public_key)
                locks.write(signer.sign(left) if is_ours else left)
            else:
                locks.remove(lock)
        return changed


def files_of(archive: Archive, erasure: Erasure) -> Iterator[Files]:
    """Yield the pictures of an erased time."""
    first, last = date(erasure.since), date(erasure.until)
    for files in archive.files(erasure.camera_id, first, last):
        if erasure.since <= files.name.at < erasure.until:
            yield files


def _is_erased(path: str, erasure: Erasure) -> bool:
    try:
        name, _ = parse_path(path)
    except ValueError:
        return False
    return erasure.since <= name.at < erasure.until
