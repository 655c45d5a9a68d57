"""The record of `attention`: how often the job wants pictures of a camera."""

import msgspec
from msgspec import Struct

from pycturestream.contracts.codec import CodecError, decode_json, reading
from pycturestream.domain.attention import AttentionLevel, RateRequest
from pycturestream.domain.frames.frame import frame_id, is_camera_id
from pycturestream.domain.times import parse_rfc3339, rfc3339


class RateRequestRecord(Struct, frozen=True, kw_only=True):
    """A `RateRequest` with its time as text."""

    id: str = ""
    camera_id: str
    level: AttentionLevel
    fps: float | None
    until: str
    because_of: str


_DECODER = msgspec.json.Decoder(RateRequestRecord)


def rate_request_record(request: RateRequest) -> RateRequestRecord:
    return RateRequestRecord(
        id=f"{frame_id(request.camera_id, request.until)}:{request.because_of}",
        camera_id=request.camera_id,
        level=request.level,
        fps=request.fps,
        until=rfc3339(request.until),
        because_of=request.because_of,
    )


def decode_rate_request(data: bytes, camera_id: str | None = None) -> RateRequest:
    """Return a rate request; its camera must be `camera_id`, where one is given.

    Raises CodecError for bytes that are no such request.
    """
    record = decode_json(_DECODER, data)
    with reading():
        until = parse_rfc3339(record.until)
    if not is_camera_id(record.camera_id):
        raise CodecError(f"camera_id: {record.camera_id[:80]!a} can't name a camera")
    if camera_id is not None and record.camera_id != camera_id:
        raise CodecError(f"camera_id: {record.camera_id!a}, expected {camera_id[:80]!a}")
    return RateRequest(record.camera_id, record.level, record.fps, until, record.because_of)
