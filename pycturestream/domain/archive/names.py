"""The names of what the archive holds: `{camera_id}/{date}/{frame_id}.jpg`, and nothing else.

Whatever reads, writes or removes something goes by these names, so that no path, id or reference
leads out of the archive: what is no such name, is no part of it.
"""

import re
from hashlib import sha256
from typing import Final, Literal, get_args

from msgspec import Struct

from pycturestream.domain.frames.frame import is_camera_id, parse_frame_id
from pycturestream.domain.times import Millis, compact

Suffix = Literal["jpg", "bin", "json"]
"""A picture; the bytes of a rejected one, which nobody should open as a picture; a description."""

DESCRIPTION: Final = "json"
_STEM = re.compile(r"(.{1,64}_[0-9]{8}T[0-9]{9}Z)(-[0-9]{1,10}-[0-9]{1,19})?")
_LOCKS: Final = "locks"
_LOCK = re.compile(r"[0-9a-f]{64}\.json")


class ArchiveName(Struct, frozen=True, order=True):
    """The name of a picture: all of its files differ only by their suffix."""

    camera_id: str
    stem: str
    """A frame id, or the id of a rejected picture."""
    at: Millis
    """When it was taken; a rejected one: when it arrived."""

    @property
    def date(self) -> str:
        """The day in UTC, such as `2026-11-21`."""
        return date(self.at)

    def path(self, suffix: Suffix) -> str:
        return f"{self.camera_id}/{self.date}/{self.stem}.{suffix}"


def of_frame(frame_id: str) -> ArchiveName:
    """Return the name of a frame's picture. ValueError for what is no frame id."""
    camera_id, at = parse_frame_id(frame_id)
    return ArchiveName(camera_id, frame_id, at)


def of_rejected(camera_id: str, received_at: Millis, partition: int, offset: int) -> ArchiveName:
    """Return the name of a rejected picture: what it says about its own time can't be trusted.

    ValueError for what can't name a camera.
    """
    if not is_camera_id(camera_id):
        raise ValueError(f"can't name a camera: {camera_id[:80]!a}")
    stem = f"{camera_id}_{compact(received_at)}-{partition}-{offset}"
    return ArchiveName(camera_id, stem, received_at)


def parse_path(path: str) -> tuple[ArchiveName, Suffix]:
    """Return the name and suffix of a picture's file. ValueError for any other path."""
    fault = ValueError(f"no path of the archive: {path[:200]!a}")
    camera_id, _, rest = path.partition("/")
    day, _, file = rest.partition("/")
    stem, _, suffix = file.rpartition(".")
    match = _STEM.fullmatch(stem)
    if not match or suffix not in get_args(Suffix):
        raise fault
    try:
        of_stem, at = parse_frame_id(match[1])
    except ValueError as error:
        raise fault from error
    name = ArchiveName(camera_id, stem, at)
    if of_stem != camera_id or name.date != day:
        raise fault
    return name, suffix  # type: ignore[return-value] # it is one of them


def date(at: Millis) -> str:
    """Return the day of a time in UTC, such as `2026-11-21`."""
    day = compact(at)
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}"


def lock_path(camera_id: str, alert_id: str) -> str:
    """Return where the lock of an alert is: an alert's id may hold any character, a path may not.

    ValueError for what can't name a camera.
    """
    if not is_camera_id(camera_id):
        raise ValueError(f"can't name a camera: {camera_id[:80]!a}")
    return f"{camera_id}/{_LOCKS}/{sha256(alert_id.encode('utf-8', 'replace')).hexdigest()}.json"


def is_lock_path(path: str) -> bool:
    camera_id, _, rest = path.partition("/")
    folder, _, file = rest.partition("/")
    return is_camera_id(camera_id) and folder == _LOCKS and bool(_LOCK.fullmatch(file))


def is_ours(path: str) -> bool:
    """Whether a path is one of a picture's file or of a lock."""
    try:
        parse_path(path)
    except ValueError:
        return is_lock_path(path)
    return True
