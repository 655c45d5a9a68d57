"""Values as bytes: JSON on topics, MessagePack between operators and in state.

What each topic holds is in the module of its name; here is what they share, and what travels
between operators and is kept in state.

Dataclasses travel as maps of their field names, so that a newer reader fills a field that an
older writer did not know with its default. State begins with a version byte: a form that can't
be read that way gets a new version and a reader for the old one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from pycturestream.contracts import old_state
from pycturestream.domain.frames.admission import Dropped, Rejected
from pycturestream.domain.pipeline.state import CameraState, FrameDetections
from pycturestream.errors import DataError

STATE_VERSION = b"\x03"
_BROKEN_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes: no JSON or of another form, no UTF-8, nested too deeply."""

Value = TypeVar("Value")


class CodecError(DataError):
    """Bytes that can't be read; the message says why."""


class DeadLetter(Struct, frozen=True):
    """A rejected record on its way to the topic of dead letters, with its original bytes."""

    rejected: Rejected = field(name="refused")
    key: bytes | None
    value: bytes | None


FrameOutcome = FrameDetections | Dropped | DeadLetter
"""What the first half of the job makes of one record, and the second half reads."""

_OUTCOME_KINDS: dict[bytes, type[FrameOutcome]] = {
    b"F": FrameDetections,
    b"D": Dropped,
    b"L": DeadLetter,
}
_KIND_BYTES = {kind: byte for byte, kind in _OUTCOME_KINDS.items()}
_OUTCOME_DECODERS = {byte: msgspec.msgpack.Decoder(kind) for byte, kind in _OUTCOME_KINDS.items()}
_STATE_DECODER = msgspec.msgpack.Decoder(CameraState)


def encode_outcome(outcome: FrameOutcome) -> bytes:
    return _KIND_BYTES[type(outcome)] + msgspec.msgpack.encode(outcome)


def decode_outcome(data: bytes) -> FrameOutcome:
    return _OUTCOME_DECODERS[data[:1]].decode(memoryview(data)[1:])


def encode_state(state: CameraState) -> bytes:
    return STATE_VERSION + msgspec.msgpack.encode(state)


def decode_state(data: bytes) -> CameraState:
    """Raise CodecError for a version that this program does not know."""
    version, rest = data[:1], memoryview(data)[1:]
    if version in old_state.VERSIONS:
        return old_state.read(version, rest)
    if version != STATE_VERSION:
        raise CodecError(f"state of version {version.hex()}, expected {STATE_VERSION.hex()}")
    return _STATE_DECODER.decode(rest)


def encode_record(record: object) -> bytes:
    """Return a record as JSON, with the fields and names of its struct."""
    return msgspec.json.encode(record)


def decode_json(decoder: msgspec.json.Decoder[Value], data: bytes) -> Value:
    """Raise CodecError for bytes that the decoder can't read."""
    with reading():
        return decoder.decode(data)


@contextmanager
def reading() -> Iterator[None]:
    """Raise CodecError for what can't be read: bytes, a value of another form, a wrong time."""
    try:
        yield
    except (*_BROKEN_JSON, ValueError) as error:
        raise CodecError(str(error)) from error
