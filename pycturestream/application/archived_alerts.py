"""The archived pictures of an alert: found, locked against retention, and made into a clip."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pycturestream.archive.archive import Archive, ChangedError, NotArchivedError
from pycturestream.archive.clip import write_clip
from pycturestream.archive.locks import (
    Lock,
    LockedPicture,
    Locks,
    LockSigner,
    locked_picture,
    new_lock,
)
from pycturestream.archive.storage import UnusableError
from pycturestream.contracts.archived import ArchivedRecord
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import MINUTE_MS, Millis, parse_rfc3339, parse_this_century
from pycturestream.errors import CommandError
from pycturestream.pixels import Pixels

Json = Mapping[str, Any]

ReadPicture = Callable[[bytes], Pixels]
"""Returns the pixels of a picture's JPEG as they may be shown. Raises Rejection."""
LONGEST_BEFORE_MS: Final = MINUTE_MS
LONGEST_AFTER_MS: Final = 10 * MINUTE_MS
"""The largest that a camera may set: when the alert was raised, its settings may have been others.
"""


@dataclass(frozen=True, slots=True)
class Clip:
    """What became of the pictures of an alert."""

    pictures: int
    length_ms: Millis
    left_out: int
    """Pictures that are gone, were changed, or can't be decoded."""


def pictures_of(archive: Archive, alert: Json, now: Millis) -> list[ArchivedRecord]:
    """Return the archived pictures of an alert in the order of their times."""
    ended = alert["cleared_at"]
    end = parse_rfc3339(ended) if ended else now
    return [
        record
        for record in archive.records(
            alert["camera_id"],
            parse_rfc3339(alert["raised_at"]) - LONGEST_BEFORE_MS,
            end + LONGEST_AFTER_MS + 1,
        )
        if alert["id"] in record.alerts
    ]


def find_lock(archive: Archive, alert_id: str) -> Lock | None:
    """Return the lock of an alert, of whatever camera. Raises CommandError: it can't be read."""
    locks = Locks(archive)
    found = (locks.find(camera_id, alert_id) for camera_id in archive.cameras())
    try:
        return next(filter(None, found), None)
    except CodecError as error:
        raise CommandError(f"the lock of {alert_id} can't be read: {error}") from error


def lock_alert(
    archive: Archive, signer: LockSigner, alert: Json, *, reason: str, by: str, now: Millis
) -> Lock:
    """Lock the pictures of an alert against retention; those that were locked before stay so.

    Raises CommandError where there are none, or some were removed meanwhile.
    """
    locks = Locks(archive)
    records = pictures_of(archive, alert, now)
    if not records:
        raise CommandError(_no_picture(alert))
    lock = signer.sign(new_lock(alert["id"], records, reason=reason, by=by, at=now))
    locks.write(lock)
    # A retention that began before may have removed some.
    for picture in lock.pictures:
        try:
            archive.picture(picture.path, picture.sha256)
        except (NotArchivedError, ChangedError) as error:
            raise CommandError(
                f"{error}, although it is locked now: lock the alert again"
            ) from error
    return lock


def make_clip(
    archive: Archive, pictures: Sequence[LockedPicture], output: Path, read: ReadPicture
) -> Clip:
    """Write the pictures as a video. Raises ClipError where none is left; lets OSError through."""
    left_out = 0

    def decoded() -> Iterator[tuple[Millis, Pixels]]:
        nonlocal left_out
        for picture in pictures:
            try:
                jpeg = archive.picture(picture.path, picture.sha256)
                yield parse_this_century(picture.captured_at), read(jpeg)
            except (NotArchivedError, ChangedError, UnusableError, Rejection):
                left_out += 1

    # Another file first: whoever looks at the name sees the whole clip or none.
    draft = output.with_name(f".{output.name}.part")
    try:
        number, length_ms = write_clip(decoded(), draft)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    return Clip(number, length_ms, left_out)


def clip_of_alert(
    archive: Archive, alert: Json, output: Path, read: ReadPicture, now: Millis
) -> Clip:
    """Write the archived pictures of an alert as a video. See `make_clip`."""
    records = pictures_of(archive, alert, now)
    if not records:
        raise CommandError(_no_picture(alert))
    pictures = [locked_picture(record) for record in records if record.path is not None]
    return make_clip(archive, pictures, output, read)


def _no_picture(alert: Json) -> str:
    return (
        f"the archive holds no picture of {alert['id']}: does camera {alert['camera_id']} "
        "have `archive` in cameras.yaml, with `alerts` among what it keeps?"
    )
