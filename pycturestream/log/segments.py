"""The files of a broker that does not run: which records they hold, and removing what is due.

A partition is a folder with a file for each segment, named after its first offset. The file is a
row of batches, each with a head of fixed size (Kafka's record format 2):

    0 base offset | 8 length | 12 leader epoch | 16 format | 17 checksum | 21 attributes |
    23 last offset, from the base | 27 first time | 35 newest time | ... | 61 records

Segments are removed as the broker removes them: whole, the oldest first. Where none would be left,
an empty one is made with the offset that comes next, so that no offset is ever used twice: records
of `detections` name pictures by their offset.
"""

import fcntl
import os
import re
import shutil
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError

_HEAD: Final = struct.Struct(">qiibIhiqq")
_LENGTH_BEGINS_AT: Final = 12
"""The length of a batch counts from here."""
_SMALLEST_BATCH: Final = 61
_FORMAT: Final = 2
_POLL_S: Final = 0.1
_INDEXES: Final = (".index", ".timeindex", ".txnindex")
_DELETED: Final = ".deleted"
"""What the broker adds to the name of a file that it will remove in a moment."""
_FOLDER: Final = re.compile(r"(?P<topic>.+)-(?P<partition>[0-9]+)(\.[0-9a-f]{32}-stray)?")
"""A broker that was killed sets aside, as stray, a partition that it does not know any more, and
never looks at it again."""
_DELETED_FOLDER: Final = re.compile(r".+\.[0-9a-f]{32}-delete")
"""Of a topic that was deleted."""


class BrokerRunsError(ServiceError):
    """A broker has the files open; the message is one line."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of records in the file of a segment."""

    begin: int
    """Where in the file."""
    end: int
    next_offset: int
    newest_at: Millis


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed."""

    segments: int = 0
    bytes: int = 0

    def __add__(self, other: "Removed") -> "Removed":
        return Removed(self.segments + other.segments, self.bytes + other.bytes)


@contextmanager
def stopped_broker(folder: Path, patience_s: float = 10.0) -> Iterator[None]:
    """Keep a broker from starting in its folder of data for this block.

    With the broker's own lock, which one that was killed may still hold for a moment while the
    system takes its memory back. Raises BrokerRunsError where one has the folder for longer than
    `patience_s`; lets OSError through.
    """
    deadline = time.monotonic() + patience_s
    path = folder / ".lock"
    if not path.exists():
        _make(path)
    with path.open("ab") as lock:
        while not _is_locked(lock):
            if time.monotonic() > deadline:
                raise BrokerRunsError(f"a broker has {folder}: it removes what is due by itself")
            time.sleep(_POLL_S)
        yield


def _is_locked(lock: IO[bytes]) -> bool:
    """Lock a file if nobody else has, and return whether it is locked."""
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def topic_of(folder: Path) -> str | None:
    """Return the topic whose partition a folder is; None for any other."""
    match = _FOLDER.fullmatch(folder.name)
    return match["topic"] if match else None


def partitions(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each partition in a broker's folder of data with its topic. Lets OSError through."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and (topic := topic_of(path)):
            yield topic, path


def read_batches(log: Path) -> Iterator[Batch]:
    """Yield the batches of a segment's file, as far as they are complete. Lets OSError through."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        begin = 0
        while begin + _SMALLEST_BATCH <= size:
            file.seek(begin)
            base, length, _, kind, _, _, last, _, newest = _HEAD.unpack(file.read(_HEAD.size))
            end = begin + _LENGTH_BEGINS_AT + length
            if kind != _FORMAT or length < _SMALLEST_BATCH - _LENGTH_BEGINS_AT or end > size:
                return  # the broker was stopped while it wrote
            yield Batch(begin, end, base + last + 1, newest)
            begin = end


def remove_expired(partition: Path, until: Millis) -> Removed:
    """Remove the segments whose newest record is not younger than `until`.

    Only from the beginning of the partition. Lets OSError through.
    """
    due = []
    for log in _segments(partition):
        newest = max((batch.newest_at for batch in read_batches(log)), default=None)
        if newest is None or newest > until:
            break
        due.append(log)
    return _remove(partition, due) + _remove_deleted(partition)


def remove_all(partition: Path) -> Removed:
    """Remove all records of a partition. Lets OSError through."""
    full = [log for log in _segments(partition) if log.stat().st_size]
    return _remove(partition, full) + _remove_deleted(partition)


def remove_deleted_topics(folder: Path) -> Removed:
    """Remove what the broker was going to remove of topics that were deleted."""
    removed = Removed()
    for path in folder.iterdir():
        if path.is_dir() and _DELETED_FOLDER.fullmatch(path.name):
            removed += Removed(1, sum(file.stat().st_size for file in path.iterdir()))
            shutil.rmtree(path)
    return removed


def _segments(partition: Path) -> list[Path]:
    return sorted(partition.glob(f"{'[0-9]' * 20}.log"))


def _remove(partition: Path, logs: list[Path]) -> Removed:
    """Remove segments; make an empty one before, where none would be left."""
    if not logs:
        return Removed()
    last = logs[-1]
    size = sum(log.stat().st_size for log in logs)
    if last == _segments(partition)[-1]:
        next_offset = max((batch.next_offset for batch in read_batches(last)), default=None)
        if next_offset is None:  # nothing that was written completely
            last.write_bytes(b"")
            logs = logs[:-1]
        else:
            for suffix in (".log", ".index", ".timeindex"):
                _make(partition / f"{next_offset:020}{suffix}")
    for log in logs:
        log.unlink()
        for suffix in _INDEXES:
            log.with_suffix(suffix).unlink(missing_ok=True)
    return Removed(len(logs), size)


def _make(path: Path) -> None:
    """Make an empty file, for the owner of its folder: root may do what is due for another user."""
    path.touch(mode=0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _remove_deleted(partition: Path) -> Removed:
    removed = Removed()
    for path in partition.glob(f"*{_DELETED}"):
        removed += Removed(int(path.suffixes[0] == ".log"), path.stat().st_size)
        path.unlink()
    return removed
