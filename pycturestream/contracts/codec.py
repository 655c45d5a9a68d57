"""Values as bytes: JSON on topics, MessagePack between operators and in state.

What each topic holds is in the module of its name; here is what they share, and the outcomes that
`detect` passes on. What the operators behind it pass on and keep is in `messages` and `states`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from msgspec import Struct

from pycturestream.domain.frames.admission import Dropped, Rejected
from pycturestream.domain.pipeline.events import FrameDetections
from pycturestream.errors import DataError

_BROKEN_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes: no JSON or of another form, no UTF-8, nested too deeply."""

Value = TypeVar("Value")


class CodecError(DataError):
    """Bytes that can't be read; the message says why."""


class DeadLetter(Struct, frozen=True):
    """A rejected record on its way to the topic of dead letters, with its original bytes."""

    rejected: Rejected
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


def encode_outcome(outcome: FrameOutcome) -> bytes:
    return _KIND_BYTES[type(outcome)] + msgspec.msgpack.encode(outcome)


def decode_outcome(data: bytes) -> FrameOutcome:
    return _OUTCOME_DECODERS[data[:1]].decode(memoryview(data)[1:])


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
