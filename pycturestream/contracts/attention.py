"""The record of `attention`: how often the job wants pictures of a camera."""

import msgspec
from msgspec import Struct

from pycturestream.contracts.codec import decode_json, reading
from pycturestream.domain.attention import AttentionLevel, RateRequest
from pycturestream.domain.frames.frame import frame_id
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


def decode_rate_request(data: bytes) -> RateRequest:
    """Raise CodecError for bytes that are no rate request."""
    record = decode_json(_DECODER, data)
    with reading():
        until = parse_rfc3339(record.until)
    return RateRequest(record.camera_id, record.level, record.fps, until, record.because_of)
