"""The record of `archived`: a picture that the archive holds, or held until it was removed.

The same record, as long as it is there, is the description of the picture in the archive itself.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from pycturestream.contracts.codec import Natural, decode_json, encode_record, reading
from pycturestream.domain.archive.choice import Why
from pycturestream.domain.archive.names import parse_path
from pycturestream.domain.archive.retention import Due
from pycturestream.domain.frames.frame import LIVE, is_camera_id
from pycturestream.domain.times import parse_this_century

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Removal = Due | Literal["missing", "changed", "erased"]
"""Why a picture is no longer archived. `missing`, `changed`: a check found that its file was."""


class ArchivedRecord(Struct, frozen=True, kw_only=True):
    """One picture of the archive. What has a default may be missing."""

    id: str
    """The frame id; of a rejected picture an id of its own."""
    run: str = LIVE
    camera_id: str
    frame_id: str | None = None
    """None: it was rejected, and is no frame."""
    captured_at: str
    """Of a rejected picture: when it arrived."""
    path: str | None
    """Within the archive; None where nothing of a rejected picture is kept but this."""
    sha256: Sha256
    """Of the file. Where there is none, of what was rejected."""
    size: Natural
    """Bytes of the same."""
    original: bool = False
    """False: blurred."""
    why: tuple[Why | Literal["rejected"], ...]
    alerts: tuple[str, ...] = ()
    """The alerts to whose time it belongs."""
    reason: str | None = None
    """Why it was rejected."""
    detail: str = ""
    archived_at: str
    expires_at: str
    """When it is removed at the latest, unless it is locked."""
    updated_at: str
    removed_at: str | None = None
    removed_because: Removal | None = None


_DECODER = msgspec.json.Decoder(ArchivedRecord)


def encode_archived(record: ArchivedRecord) -> bytes:
    return encode_record(record)


def decode_archived(data: bytes) -> ArchivedRecord:
    """Raise CodecError for bytes that are no record of `archived`."""
    record = decode_json(_DECODER, data)
    with reading():
        check_archived(record)
    return record


def check_archived(read: ArchivedRecord) -> None:
    """Raise ValueError for a time, camera or path that is none, or is another picture's."""
    for at in (read.captured_at, read.archived_at, read.expires_at, read.updated_at):
        parse_this_century(at)
    if read.removed_at is not None:
        parse_this_century(read.removed_at)
    if not is_camera_id(read.camera_id):
        raise ValueError(f"camera_id: {read.camera_id[:80]!a} can't name a camera")
    if read.path is not None:
        name, _ = parse_path(read.path)
        if (name.camera_id, name.stem) != (read.camera_id, read.id):
            raise ValueError(f"path: {read.path[:200]!a} is that of another picture")
