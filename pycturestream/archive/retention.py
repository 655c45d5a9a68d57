"""Removes pictures that are too old or too many, so that it may be interrupted at any moment."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from pycturestream.archive.archive import Archive, Files
from pycturestream.archive.locks import Locks
from pycturestream.contracts.archived import ArchivedRecord, Removal
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import ArchiveName
from pycturestream.domain.archive.retention import Due, Held, due, excess, kept_since
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.times import Millis, parse_this_century, rfc3339
from pycturestream.logging_setup import get_logger

Publish = Callable[[Sequence[ArchivedRecord]], None]
"""Writes records to the topic `archived`; raises what says that they are not there."""

UNFINISHED_MS = 10 * 60_000
"""What has no description by then was left by a process that was killed."""
_BATCH = 200
"""Pictures that are removed after their records are in the log."""
_log = get_logger(__name__)


class Retention:
    """Applies the settings of cameras to what the archive holds. Lets StorageError through."""

    def __init__(self, archive: Archive, publish: Publish) -> None:
        self._archive = archive
        self._locks = Locks(archive)
        self._publish = publish

    def run(self, cameras: Mapping[str, Archiving | None], now: Millis) -> Iterator[Held]:
        """Remove what is due of all cameras, and yield each picture when it is gone.

        None is kept longer than was planned when it was archived, whatever its camera's settings
        are now; so it is with a camera that archives nothing any more.
        """
        for camera_id in self._archive.cameras():
            self._remove_left(camera_id, now)
            for batch in _batches(self._due(camera_id, cameras.get(camera_id), now)):
                self._tell(batch, now)
                for held, _ in batch:
                    self._archive.remove([held.name])
                    yield held

    def due(
        self, cameras: Mapping[str, Archiving | None], now: Millis
    ) -> Iterator[tuple[Held, Due]]:
        """Yield what `run` would remove, and why."""
        for camera_id in self._archive.cameras():
            yield from self._due(camera_id, cameras.get(camera_id), now)

    def _due(
        self, camera_id: str, archiving: Archiving | None, now: Millis
    ) -> Iterator[tuple[Held, Due]]:
        locked = self._locks.locked_paths(camera_id)
        since, too_many = Millis(0), 0
        if archiving is not None:
            held = self._archive.held(camera_id, locked)
            unlocked = sum(one.size for one in held if not one.locked)
            since, too_many = kept_since(archiving, now), excess(unlocked, archiving)

        def is_too_old(held: Held) -> bool:
            return held.name.at < since or self._has_expired(held.name, now)

        # Listed again, but only as far as something is due.
        return due(self._archive.held(camera_id, locked), is_too_old, too_many)

    def _has_expired(self, name: ArchiveName, now: Millis) -> bool:
        try:
            record = self._archive.find(name)
        except CodecError:
            return True  # nobody can say what it is
        return record is None or parse_this_century(record.expires_at) <= now

    def _tell(self, batch: Sequence[tuple[Held, Due]], now: Millis) -> None:
        """Write to the log what is about to be removed.

        What is too old is removed even if the log doesn't take that: a broker that is away must not
        make anything stay. A check finds the difference.
        """
        records = list(removals(self._archive, ((held.name, why) for held, why in batch), now))
        try:
            self._publish(records)
        except Exception as error:
            if any(why != "days" for _, why in batch):
                raise
            _log.warning(
                f"{len(batch)} pictures are removed from the archive, and the log does not say so: "
                f"{error or type(error).__name__}"
            )

    def _remove_left(self, camera_id: str, now: Millis) -> None:
        """Remove what killed processes left."""
        storage = self._archive.storage
        for day in storage.folders(camera_id):
            storage.clear_unfinished(camera_id, day, before=now - UNFINISHED_MS)
        left = [files.name for files in self._archive.files(camera_id) if is_left(files, now)]
        self._archive.remove(left)


def is_left(files: Files, now: Millis) -> bool:
    """Whether files are those of a picture that was not archived, or not removed, completely."""
    return not files.is_described and files.modified_at < now - UNFINISHED_MS


def removals(
    archive: Archive, names: Iterable[tuple[ArchiveName, Removal]], now: Millis
) -> Iterator[ArchivedRecord]:
    """Yield the records that say of these pictures that they are removed.

    Of a picture whose description can't be read nobody knows what the log says.
    """
    for name, why in names:
        try:
            record = archive.find(name)
        except CodecError:
            continue
        if record:
            yield removed(record, why, now)


def removed(record: ArchivedRecord, why: Removal, now: Millis) -> ArchivedRecord:
    """Return the record that says of a picture that it is removed."""
    at = rfc3339(now)
    return replace(record, updated_at=at, removed_at=at, removed_because=why)


def _batches(
    found: Iterator[tuple[Held, Due]],
) -> Iterator[list[tuple[Held, Due]]]:
    while batch := list(islice(found, _BATCH)):
        yield batch
