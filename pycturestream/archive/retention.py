"""Removes pictures that are too old or too many, so that it may be interrupted at any moment."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby, islice

from msgspec.structs import replace

from pycturestream.archive.archive import Archive, Files
from pycturestream.archive.locks import Locks
from pycturestream.archive.storage import StorageError, UnusableError
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
_BATCH = 20
"""Pictures that are removed after their records are in the log, and locks were read again."""
_log = get_logger(__name__)


class Retention:
    """Applies the settings of cameras to what the archive holds. Lets StorageError through."""

    def __init__(self, archive: Archive, publish: Publish) -> None:
        self._archive = archive
        self._locks = Locks(archive)
        self._publish = publish
        self._planned: dict[str, dict[ArchiveName, Millis]] = {}
        """By camera, until when its pictures stay: so that each is read once, and not each time."""

    def run(self, cameras: Mapping[str, Archiving | None], now: Millis) -> Iterator[Held]:
        """Remove what is due of all cameras, and yield each picture when it is gone.

        None is kept longer than was planned when it was archived, whatever its camera's settings
        are now; so it is with a camera that archives nothing any more, or whose settings are not
        known. What can't be removed stops nothing else: the first fault is raised at the end.
        """
        faults: list[Exception] = []
        for camera_id in self._archive.cameras():
            try:
                self._remove_left(camera_id, now)
                found = self._due(camera_id, cameras.get(camera_id), now)
                yield from self._remove(camera_id, found, now, faults)
            except StorageError as error:
                faults.append(error)
        if faults:
            raise faults[0]

    def due(
        self, cameras: Mapping[str, Archiving | None], now: Millis
    ) -> Iterator[tuple[Held, Due]]:
        """Yield what `run` would remove, and why. The first fault is raised at the end."""
        fault = None
        for camera_id in self._archive.cameras():
            try:
                yield from self._due(camera_id, cameras.get(camera_id), now)
            except StorageError as error:
                fault = fault or error
        if fault:
            raise fault

    def _due(
        self, camera_id: str, archiving: Archiving | None, now: Millis
    ) -> Iterator[tuple[Held, Due]]:
        held = list(self._archive.held(camera_id, self._locks.locked(camera_id).covers))
        since, too_many = Millis(0), 0
        if archiving is not None:
            unlocked = sum(one.size for one in held if not one.locked)
            since, too_many = kept_since(archiving, now), excess(unlocked, archiving)
        before = self._planned.get(camera_id, {})
        # Without those that are gone.
        planned = {one.name: before[one.name] for one in held if one.name in before}
        self._planned[camera_id] = planned

        def is_too_old(held: Held) -> bool:
            if held.name.at < since:
                return True
            if held.name not in planned:
                try:
                    record = self._archive.find(held.name)
                except CodecError:
                    record = None
                if record is None:
                    return True  # nobody can say what it is
                planned[held.name] = parse_this_century(record.expires_at)
            return planned[held.name] <= now

        return due(held, is_too_old, too_many)

    def _remove(
        self,
        camera_id: str,
        found: Iterator[tuple[Held, Due]],
        now: Millis,
        faults: list[Exception],
    ) -> Iterator[Held]:
        """Remove pictures, the log being told before, and yield each when it is gone.

        What is too old is removed even if the log doesn't take that: a broker that is away must not
        make anything stay. A check finds the difference.
        """
        is_told = True
        for why, batch in _batches(found):
            locked = self._locks.locked(camera_id)
            batch = [one for one in batch if not locked.covers(one.name)]  # noqa: PLW2901
            # Not tried again for this camera: each try may wait for long.
            if is_told:
                names = ((one.name, why) for one in batch)
                is_told = self._is_told(list(removals(self._archive, names, now)), faults)
            if not is_told and why != "days":
                return
            # Somebody may have locked one meanwhile, who was told that it is there.
            locked = self._locks.locked(camera_id)
            stays = [one.name for one in batch if locked.covers(one.name)]
            for one in batch:
                if one.name in stays:
                    continue
                try:
                    self._archive.remove([one.name])
                except UnusableError as error:
                    faults.append(error)
                else:
                    yield one
            if stays and is_told:
                is_told = self._is_told(list(self._still_there(stays, now)), faults)

    def _is_told(self, records: Sequence[ArchivedRecord], faults: list[Exception]) -> bool:
        """Write records to the log; return whether it took them."""
        try:
            self._publish(records)
        except Exception as error:  # noqa: BLE001 - whatever keeps the log from taking them
            faults.append(error)
            _log.warning(
                "the log does not take what becomes of archived pictures: "
                f"{error or type(error).__name__}"
            )
            return False
        return True

    def _still_there(self, names: Iterable[ArchiveName], now: Millis) -> Iterator[ArchivedRecord]:
        """Yield records that take back what the log was told of these pictures."""
        for name in names:
            with suppress(CodecError):
                if record := self._archive.find(name):
                    yield replace(record, updated_at=rfc3339(now + 1))

    def _remove_left(self, camera_id: str, now: Millis) -> None:
        """Remove what killed processes left."""
        storage = self._archive.storage
        for day in storage.folders(camera_id):
            storage.clear_unfinished(camera_id, day, before=now - UNFINISHED_MS)
        left = [files.name for files in self._archive.files(camera_id) if is_left(files, now)]
        if left:
            locked = self._locks.locked(camera_id)
            # Somebody may have described one meanwhile.
            self._archive.remove(
                name
                for name in left
                if not locked.covers(name) and not is_described(self._archive, name)
            )


def is_left(files: Files, now: Millis) -> bool:
    """Whether files are those of a picture that was not archived, or not removed, completely."""
    return not files.is_described and files.modified_at < now - UNFINISHED_MS


def is_described(archive: Archive, name: ArchiveName) -> bool:
    """Whether a picture has a description now, if only one that can't be read."""
    try:
        return archive.find(name) is not None
    except CodecError:
        return True


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


def _batches(found: Iterator[tuple[Held, Due]]) -> Iterator[tuple[Due, list[Held]]]:
    """Yield pictures that are removed for the same reason, some at a time."""
    for why, group in groupby(found, key=lambda one: one[1]):
        while batch := [held for held, _ in islice(group, _BATCH)]:
            yield why, batch
