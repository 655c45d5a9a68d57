"""Locks: the pictures of an alert that no retention removes, with a reason and a signature.

A lock is a manifest: which pictures, each with its checksum, for which reason, who locked them and
when. Its signature shows later that neither it nor one of the pictures was changed since.
"""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct
from msgspec.structs import replace

from pycturestream.archive.archive import DESCRIPTION_LIMIT, Archive
from pycturestream.archive.storage import NotStoredError, UnusableError
from pycturestream.config.private_files import private_folder, read_or_make
from pycturestream.config.settings import Settings
from pycturestream.contracts.archived import ArchivedRecord, Sha256
from pycturestream.contracts.codec import CodecError, Natural, decode_json
from pycturestream.domain.archive.names import ArchiveName, is_lock_path, lock_path, parse_path
from pycturestream.domain.times import Millis, rfc3339

_PURPOSE: Final = b"pycturestream archive lock 1"
_KEY_FILE: Final = "archive-key"
_MANIFEST_LIMIT: Final = 100 * DESCRIPTION_LIMIT
"""Bytes: some 50,000 pictures."""


class LockedPicture(Struct, frozen=True):
    """A picture that is locked, as it was then."""

    path: str
    sha256: Sha256
    size: Natural
    captured_at: str
    original: bool = False
    """False: blurred."""


class Lock(Struct, frozen=True, kw_only=True):
    """The manifest of one alert's pictures."""

    alert_id: str
    camera_id: str
    reason: str
    by: str
    locked_at: str
    pictures: tuple[LockedPicture, ...]
    key: str = ""
    """The public key of the signature: 64 hexadecimal digits."""
    signature: str = ""
    """Ed25519, over everything else: 128 hexadecimal digits."""


class LockSigner:
    """Signs manifests with a key that is made once, in the data folder."""

    def __init__(self, settings: Settings) -> None:
        """Lets OSError through."""
        seed = read_or_make(private_folder(settings) / _KEY_FILE, os.urandom(32))
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, lock: Lock) -> Lock:
        lock = replace(lock, key=self.public_key, signature="")
        return replace(lock, signature=self._key.sign(_signed(lock)).hex())


def is_signed(lock: Lock, public_key: str | None = None) -> bool:
    """Whether a manifest is as it was signed, by the holder of this key where one is given."""
    if public_key not in {None, lock.key}:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(lock.key))
        key.verify(bytes.fromhex(lock.signature), _signed(replace(lock, signature="")))
    except (InvalidSignature, ValueError):
        return False
    return True


def fault_of(lock: Lock, public_key: str) -> str | None:
    """Return why a manifest can't be relied on; None for one that this key has signed."""
    if not is_signed(lock):
        return "changed since it was signed"
    if lock.key != public_key:
        return "signed by another key"
    names = (_name_of(picture.path) for picture in lock.pictures)
    if any(name is None or name.camera_id != lock.camera_id for name in names):
        return "names what is no picture of its camera"
    return None


def new_lock(
    alert_id: str, records: Iterable[ArchivedRecord], *, reason: str, by: str, at: Millis
) -> Lock:
    """Return the manifest of these pictures, which are those of one camera, without a signature.

    ValueError where there are none.
    """
    pictures = [record for record in records if record.path is not None]
    if not pictures:
        raise ValueError("the archive holds no picture of it")
    return Lock(
        alert_id=alert_id,
        camera_id=pictures[0].camera_id,
        reason=reason,
        by=by,
        locked_at=rfc3339(at),
        pictures=tuple(locked_picture(record) for record in pictures),
    )


def locked_picture(record: ArchivedRecord) -> LockedPicture:
    """Return a picture of the archive as a manifest names it."""
    return LockedPicture(
        record.path or "", record.sha256, record.size, record.captured_at, record.original
    )


class Locks:
    """The locks in an archive. Lets StorageError through."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def write(self, lock: Lock) -> None:
        path = lock_path(lock.camera_id, lock.alert_id)
        self._archive.storage.write(path, msgspec.json.encode(lock))

    def remove(self, lock: Lock) -> None:
        self._archive.storage.remove([lock_path(lock.camera_id, lock.alert_id)])

    def find(self, camera_id: str, alert_id: str) -> Lock | None:
        """Return the lock of an alert; None where there is none. CodecError: it can't be read."""
        try:
            return self._read(lock_path(camera_id, alert_id))
        except NotStoredError:
            return None

    def of(self, camera_id: str) -> Iterator[tuple[str, Lock | CodecError]]:
        """Yield the path of each lock of a camera, with the lock, or why it can't be read."""
        for file in self._archive.storage.files(camera_id, "locks"):
            if not is_lock_path(file.path):
                continue
            try:
                yield file.path, self._read(file.path)
            except CodecError as error:
                yield file.path, error
            except NotStoredError:
                continue  # removed since

    def locked(self, camera_id: str) -> "Locked":
        """Return what is locked of a camera now, whatever the signatures say."""
        names, unreadable = set(), set()
        for path, lock in self.of(camera_id):
            if isinstance(lock, Lock):
                names |= {name for each in lock.pictures if (name := _name_of(each.path))}
            else:
                unreadable.add(path)
        return Locked(self._archive, frozenset(names), frozenset(unreadable))

    def _read(self, path: str) -> Lock:
        """Raise CodecError for one that can't be read, and NotStoredError."""
        try:
            data = self._archive.storage.read(path, _MANIFEST_LIMIT)
        except UnusableError as error:
            raise CodecError(str(error)) from error
        lock = decode_json(_DECODER, data)
        if lock_path(lock.camera_id, lock.alert_id) != path:
            raise CodecError("the lock is that of another alert")
        return lock


class Locked:
    """What is locked of a camera, as it was when the locks were read."""

    def __init__(
        self, archive: Archive, names: frozenset[ArchiveName], unreadable: frozenset[str]
    ) -> None:
        """`unreadable` are the paths of locks of which nobody can say what they cover."""
        self._archive = archive
        self.names = names
        self._unreadable = unreadable

    def covers(self, name: ArchiveName) -> bool:
        """Whether a picture is locked, or may be: a broken lock must not have one removed."""
        return name in self.names or bool(self._unreadable and self._may_be_locked(name))

    def _may_be_locked(self, name: ArchiveName) -> bool:
        try:
            record = self._archive.find(name)
        except CodecError:
            return True
        if record is None:
            return True
        paths = {lock_path(name.camera_id, alert_id) for alert_id in record.alerts}
        return not paths.isdisjoint(self._unreadable)


_DECODER = msgspec.json.Decoder(Lock)


def _name_of(path: str) -> ArchiveName | None:
    """Return the name of a picture that a manifest names; None for a path that is none."""
    try:
        return parse_path(path)[0]
    except ValueError:
        return None


def _signed(lock: Lock) -> bytes:
    """Return what is signed."""
    return _PURPOSE + sha256(msgspec.json.encode(lock)).digest()
