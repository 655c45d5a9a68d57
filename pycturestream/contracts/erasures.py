"""The record of `erasures`: a camera, and the time of it that is erased."""

from typing import Any

import msgspec
from msgspec import Struct

from pycturestream.contracts.codec import CodecError, decode_json, encode_record, reading
from pycturestream.domain.erasure import Erasure
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import parse_this_century, rfc3339


class ErasureRecord(Struct, frozen=True, kw_only=True):
    """An erasure. What has a default may be missing."""

    id: str = ""
    camera_id: str
    since: str
    until: str
    asked_at: str
    reason: str = ""


_DECODER = msgspec.json.Decoder(ErasureRecord)


def encode_erasure(erasure: Erasure) -> bytes:
    return encode_record(_record(erasure))


def decode_erasure(data: bytes) -> Erasure:
    """Raise CodecError for bytes that are no erasure."""
    record = decode_json(_DECODER, data)
    with reading():
        erasure = Erasure(
            camera_id=record.camera_id,
            since=parse_this_century(record.since),
            until=parse_this_century(record.until),
            asked_at=parse_this_century(record.asked_at),
            reason=record.reason,
        )
    if not is_camera_id(erasure.camera_id):
        raise CodecError(f"camera_id: {erasure.camera_id[:80]!a} can't name a camera")
    if erasure.since >= erasure.until:
        raise CodecError("until: not after since")
    return erasure


def erasure_record(erasure: Erasure) -> dict[str, Any]:
    """Return an erasure as the topic has it."""
    record: dict[str, Any] = msgspec.to_builtins(_record(erasure))
    return record


def _record(erasure: Erasure) -> ErasureRecord:
    return ErasureRecord(
        id=erasure.key,
        camera_id=erasure.camera_id,
        since=rfc3339(erasure.since),
        until=rfc3339(erasure.until),
        asked_at=rfc3339(erasure.asked_at),
        reason=erasure.reason,
    )
