"""Values as bytes: JSON on topics, MessagePack between operators and in state.

What each topic holds is in the module of its name; here is what they share, and the outcomes that
`detect` passes on. What the operators behind it pass on and keep is in `messages` and `states`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from pycturestream.domain.frames.admission import NO_CAMERA, Dropped, accounted_under
from pycturestream.domain.frames.dead_letter import DeadLetter, keep
from pycturestream.domain.pipeline.events import FrameDetections
from pycturestream.errors import DataError

REASON_LIMIT = 200
"""Characters: what can't be read may be quoted in the reason."""

_MISSING = re.compile(r"Object missing required field `(.*?)`(?: - at `\$\.(.*)`)?")
"""How msgspec says it."""

Natural = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""From 0, and no larger than every reader of JSON and MessagePack takes."""
Whole = Annotated[int, Meta(ge=-(2**53 - 1), le=2**53 - 1)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(ge=0, le=1e9)]

Value = TypeVar("Value")


class CodecError(DataError):
    """Bytes that can't be read; the message says why, shortened, for what it may quote."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason[:REASON_LIMIT])


FrameOutcome = FrameDetections | Dropped | DeadLetter
"""What the first half of the job makes of one record, and the second half reads."""

_OUTCOME_KINDS: dict[bytes, type[FrameOutcome]] = {
    b"F": FrameDetections,
    b"D": Dropped,
    b"L": DeadLetter,
}
_KIND_BYTES = {kind: byte for byte, kind in _OUTCOME_KINDS.items()}
SHARED_KEY = b"S"
"""What the outcome of a record begins with that belongs to no camera of its own; by it, Java finds
the key of such records (`jobs.keying`)."""
_OUTCOME_DECODERS = {
    byte: msgspec.msgpack.Decoder(kind)
    for byte, kind in (*_OUTCOME_KINDS.items(), (SHARED_KEY, DeadLetter))
}


def encode_outcome(outcome: FrameOutcome) -> bytes:
    kind = _KIND_BYTES[type(outcome)]
    if isinstance(outcome, DeadLetter):
        outcome = keep(outcome)  # here, so that nothing larger travels through the job
        if accounted_under(outcome.rejected) == NO_CAMERA:
            kind = SHARED_KEY
    return kind + msgspec.msgpack.encode(outcome)


def decode_outcome(data: bytes) -> FrameOutcome:
    return _OUTCOME_DECODERS[data[:1]].decode(memoryview(data)[1:])


def encode_record(record: object) -> bytes:
    """Return a record as JSON, with the fields and names of its struct."""
    return msgspec.json.encode(record)


def decode_json(decoder: msgspec.json.Decoder[Value], data: bytes) -> Value:
    """Return what the decoder reads. Raises CodecError, and nothing else, for what it can't read.

    That is no JSON or of another form, no UTF-8, nested too deeply, a number out of range.
    """
    with reading():
        return decoder.decode(data)


@contextmanager
def reading() -> Iterator[None]:
    """Raise CodecError, and nothing else, for what can't be read: bytes, a form, a time."""
    try:
        yield
    except CodecError:
        raise
    except Exception as error:  # inside is only the reading of one value, whose form is foreign
        raise CodecError(_reason(error)) from error


def _reason(error: Exception) -> str:
    """Return what is wrong as one line, which begins with the field where that is missing."""
    text = ascii(f"{error or type(error).__name__}")[1:-1]
    missing = _MISSING.fullmatch(text)
    return ".".join(filter(None, (missing[2], missing[1]))) + ": missing" if missing else text
