"""Archived pictures for tests, and the log as a list."""

from hashlib import sha256

from pycturestream.archive.archive import Archive
from pycturestream.contracts.archived import ArchivedRecord
from pycturestream.domain.archive.names import ArchiveName, of_frame
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import DAY_MS, rfc3339

ALERT = "people:gate_20261121T120000000Z#0"


def name_at(at: int, camera_id: str = "gate") -> ArchiveName:
    return of_frame(frame_id(camera_id, at))


def described(
    at: int,
    data: bytes,
    *,
    camera_id: str = "gate",
    alerts: tuple[str, ...] = (),
    days: int = 30,
    archived_at: int | None = None,
) -> ArchivedRecord:
    """Return the description of a picture with these bytes."""
    name = name_at(at, camera_id)
    written = rfc3339(at if archived_at is None else archived_at)
    return ArchivedRecord(
        id=name.stem,
        camera_id=camera_id,
        frame_id=name.stem,
        captured_at=rfc3339(at),
        path=name.path("jpg"),
        sha256=sha256(data).hexdigest(),
        size=len(data),
        why=("alert",) if alerts else ("motion",),
        alerts=alerts,
        archived_at=written,
        expires_at=rfc3339(at + days * DAY_MS),
        updated_at=written,
    )


def put(archive: Archive, at: int, data: bytes = b"picture", **fields) -> ArchivedRecord:
    """Archive a picture, and return its description."""
    record = described(at, data, **fields)
    archive.put(record, data)
    return record


class ListedLog:
    """What was written to the topic `archived`."""

    def __init__(self) -> None:
        self.records: list[ArchivedRecord] = []

    def write(self, records) -> None:
        self.records += records
