"""The messages between a phone and the gateway of the seeing aid, version 1.

Text messages are JSON objects with a `type`. A picture is a binary message: two times of the
phone's clock, each of eight bytes, then a JPEG.
"""

import struct
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pycturestream.contracts.codec import CodecError, decode_json
from pycturestream.domain.cameras.camera import Places, Verbosity
from pycturestream.domain.narration.listener import Mode, Question
from pycturestream.domain.times import Millis
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language

TEXT_LIMIT = 2_000
"""Characters of a message: a hello has some 200."""

TokenText = Annotated[str, Meta(max_length=200)]
Label = Annotated[str, Meta(max_length=100)]
RefusedBecause = Literal[
    "too-large",
    "too-fast",
    "too-old",
    "too-small",
    "too-costly",
    "not-jpeg",
    "busy",
    "unavailable",
]
_TIMES = struct.Struct(">QQ")
HEADER_BYTES = _TIMES.size


class Hello(Struct, tag="hello", frozen=True):
    """The first message: who it is, and what they have chosen."""

    token: TokenText
    language: Language = DEFAULT_LANGUAGE
    verbosity: Verbosity = "normal"
    places: Places = "sectors"


class Choices(Struct, tag="settings", frozen=True):
    """Other choices; what is left out stays as it is."""

    language: Language | UnsetType = UNSET
    verbosity: Verbosity | UnsetType = UNSET
    places: Places | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    find: Label | UnsetType = UNSET


class Ask(Struct, tag="ask", frozen=True):
    """A question."""

    what: Question


class Ready(Struct, tag="ready", frozen=True):
    """The answer to a hello: what is expected of the phone."""

    interval_ms: int
    byte_limit: int
    side_limit: int
    expires_at: str


class Seen(Struct, tag="seen", frozen=True):
    """The result of a picture is there."""

    captured_at: Millis


class Refused(Struct, tag="refused", frozen=True):
    """A picture was not used."""

    captured_at: Millis
    reason: RefusedBecause
    text: str


class Say(Struct, tag="say", frozen=True):
    """A sentence to be spoken."""

    text: str
    language: Language
    priority: int
    kind: str
    answer: bool
    captured_at: Millis


ToGateway = Hello | Choices | Ask
ToPhone = Ready | Seen | Refused | Say


class PhonePicture(NamedTuple):
    """A picture as a phone sends it. Its times are of the phone's clock, and may be anything."""

    captured_at: Millis
    sent_at: Millis
    jpeg: bytes


_DECODER: msgspec.json.Decoder[ToGateway] = msgspec.json.Decoder(ToGateway)


def read_message(text: str) -> ToGateway:
    """Return a message of a phone. Raises CodecError, and nothing else, for what is none."""
    if len(text) > TEXT_LIMIT:
        raise CodecError(f"{len(text)} characters, allowed {TEXT_LIMIT}")
    return decode_json(_DECODER, text.encode("utf-8", "replace"))


def read_picture(data: bytes | bytearray) -> PhonePicture:
    """Return the picture of a binary message, whatever it shows.

    Raises CodecError where it is too short for its times.
    """
    if len(data) < HEADER_BYTES:
        raise CodecError(f"a picture of {len(data)} bytes, expected {HEADER_BYTES} before its JPEG")
    captured_at, sent_at = _TIMES.unpack_from(data)
    return PhonePicture(captured_at, sent_at, bytes(memoryview(data)[HEADER_BYTES:]))


def encode_message(message: ToPhone) -> str:
    return msgspec.json.encode(message).decode()


def encode_picture(picture: PhonePicture) -> bytes:
    """Return the binary message of a picture, as a phone makes it."""
    return _TIMES.pack(picture.captured_at, picture.sent_at) + picture.jpeg
