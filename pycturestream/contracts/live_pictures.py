"""Live pictures on channels of Redis: who wants them, and the pictures themselves.

Whoever shows pictures publishes a LivePictureRequest on the channel REQUESTS, again and again for
as long as it does. The picture service publishes each picture on the channel of its camera and
size. Channels keep nothing: what nobody hears at that moment is gone (docs/decisions/0059).
"""

import struct
from collections.abc import Collection, Mapping
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from pycturestream.contracts.codec import CodecError, Natural, decode_json, encode_record, reading
from pycturestream.domain.frames.frame import CAMERA_ID
from pycturestream.domain.frames.live_picture import LiveSize

REQUESTS: Final = "live-picture-requests"
"""The channel on which pictures are asked for."""
PICTURES: Final = "live-pictures"
"""What the channels of pictures begin with."""
CAMERA_LIMIT: Final = 2_000
"""Cameras of one request: more than any page shows."""
HEADER_LIMIT: Final = 2_000
"""Bytes."""

CameraId = Annotated[str, Meta(pattern=rf"^{CAMERA_ID.pattern}\Z")]
_LENGTH = struct.Struct(">I")


class LivePictureRequest(Struct, frozen=True):
    """The cameras at which somebody looks at this moment, each in the sizes that are shown."""

    cameras: Annotated[
        dict[CameraId, Annotated[tuple[LiveSize, ...], Meta(max_length=2)]],
        Meta(max_length=CAMERA_LIMIT),
    ]


class LivePictureHeader(Struct, frozen=True, kw_only=True):
    """What a picture is."""

    camera_id: CameraId
    frame_id: str
    captured_at: str
    """RFC 3339, as in the detections record of the frame."""
    size: LiveSize
    """That was asked for."""
    width: Natural
    height: Natural
    """Pixels of this JPEG; the frame may have more."""


class LivePicture(NamedTuple):
    """A picture as it was published."""

    header: LivePictureHeader
    data: bytes
    """The whole message: the length of the header in four bytes (big-endian), the header as JSON
    (UTF-8), the JPEG. A browser can be given it as it is."""

    @property
    def jpeg(self) -> bytes:
        return self.data[_LENGTH.size + _LENGTH.unpack_from(self.data)[0] :]


_REQUEST_DECODER = msgspec.json.Decoder(LivePictureRequest)
_HEADER_DECODER = msgspec.json.Decoder(LivePictureHeader)


def picture_channel(camera_id: str, size: LiveSize) -> str:
    """Return the channel of a camera's pictures; a camera id has no colon."""
    return f"{PICTURES}:{camera_id}:{size}"


def encode_request(cameras: Mapping[str, Collection[LiveSize]]) -> bytes:
    return encode_record({"cameras": {name: sorted(sizes) for name, sizes in cameras.items()}})


def decode_request(data: bytes) -> LivePictureRequest:
    """Return a request. Raises CodecError, and nothing else, for bytes that are none."""
    return decode_json(_REQUEST_DECODER, data)


def encode_live_picture(header: LivePictureHeader, jpeg: bytes) -> bytes:
    """Return the message of a picture."""
    text = encode_record(header)
    return b"".join((_LENGTH.pack(len(text)), text, jpeg))


def decode_live_picture(data: bytes) -> LivePicture:
    """Return the picture of a message. Raises CodecError, and nothing else, for what is none."""
    with reading():
        (length,) = _LENGTH.unpack_from(data)
        if length > HEADER_LIMIT or len(data) <= _LENGTH.size + length:
            raise CodecError(f"a header of {length} bytes in {len(data)}")
        header = _HEADER_DECODER.decode(memoryview(data)[_LENGTH.size : _LENGTH.size + length])
    return LivePicture(header, data)
