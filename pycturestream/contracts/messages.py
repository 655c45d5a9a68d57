"""What travels down the chain of keyed operators: an event, and what already became of it.

    before | event, with the frame's record | after

`before` are log records of what ended before the event, `after` those that it led to. Each operator
puts its own on both sides of the event, and the last one hands everything to the log in this order.
So a frame's record stands in the log before what it led to.

A message is encoded as an array. The event inside stays as it is, and each operator decodes only as
much of it as it needs.
"""

from typing import Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.pipeline.events import (
    CountedFrame,
    NarratedFrame,
    PresenceChange,
    TrackedFrame,
)
from pycturestream.domain.times import Millis

NO_EVENT = Raw(b"\xc0")
"""MessagePack's nil."""
Frame = TypeVar("Frame", bound=CountedFrame)


class LogRecord(Struct, frozen=True, array_like=True):
    """A record on its way to the log."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes] = {}

    @property
    def byte_size(self) -> int:
        """How many bytes a producer and a broker count, without those of the batch."""
        named = sum(len(name) + len(value) for name, value in self.headers.items())
        return len(self.key or b"") + len(self.value or b"") + named


class Message(Struct, frozen=True, array_like=True):
    """What one operator passes on to the next."""

    camera_id: str
    received_at: Millis
    """When the broker received the record that it came from, or the time of a timer."""
    before: list[LogRecord] = []
    event: Raw = NO_EVENT
    frame: LogRecord | None = None
    """The record of `detections`, without threats until the rules have been applied."""
    captured_at: Millis = 0
    """When that frame was captured; 0 where there is none."""
    raised: list[AlertChange] = []
    """The alerts about objects that this frame raised."""
    after: list[LogRecord] = []

    @property
    def records(self) -> list[LogRecord]:
        """All records, in the order of the log."""
        return [*self.before, *([self.frame] if self.frame else []), *self.after]


class EventDecoder(Generic[Frame]):
    """Decodes events, frames only as far as one operator needs them."""

    def __init__(self, frame: type[Frame]) -> None:
        self._decoder: msgspec.msgpack.Decoder[Frame | PresenceChange | None] = (
            msgspec.msgpack.Decoder(frame | PresenceChange | None)
        )

    def decode(self, event: Raw) -> Frame | PresenceChange | None:
        return self._decoder.decode(event)


counted_events = EventDecoder(CountedFrame)
judged_events = EventDecoder(TrackedFrame)
narrated_events = EventDecoder(NarratedFrame)

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Message)


def encode_event(event: TrackedFrame | PresenceChange) -> Raw:
    return Raw(_ENCODER.encode(event))


def encode_message(message: Message) -> bytes:
    return _ENCODER.encode(message)


def decode_message(data: bytes) -> Message:
    return _DECODER.decode(data)
