"""What the keyed operators keep of a camera, as bytes: a version, and MessagePack arrays.

Fields are identified by their order: a new one comes last and has a default. A form that can't be
read that way gets a new version, and a reader for the old one.
"""

from typing import Generic, TypeVar

import msgspec

from pycturestream.contracts.codec import CodecError
from pycturestream.domain.narration.on_change import NarrationState
from pycturestream.domain.pipeline.count import CountState
from pycturestream.domain.pipeline.judge import JudgeState
from pycturestream.domain.pipeline.track import TrackState
from pycturestream.domain.times import Millis

VERSION = b"\x04"
"""1 to 3 were the states of one operator for all steps."""

State = TypeVar("State")


class StateCodec(Generic[State]):
    """Encodes the state of one step, with when its timer is due."""

    def __init__(self, kind: type[State]) -> None:
        self._kind = kind
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[tuple[Millis | None, State]] = (
            msgspec.msgpack.Decoder(tuple[Millis | None, kind])  # type: ignore[valid-type]
        )

    def encode(self, state: State, due: Millis | None = None) -> bytes:
        return VERSION + self._encoder.encode((due, state))

    def decode(self, data: bytes | None) -> tuple[State, Millis | None]:
        """Return the state, and when its timer is due; the initial state for no bytes.

        Raises CodecError for a version that this program does not know.
        """
        if data is None:
            return self._kind(), None
        if data[:1] != VERSION:
            raise CodecError(f"state of version {data[:1].hex()}, expected {VERSION.hex()}")
        due, state = self._decoder.decode(memoryview(data)[1:])
        return state, due


track_states = StateCodec(TrackState)
count_states = StateCodec(CountState)
judge_states = StateCodec(JudgeState)
narrate_states = StateCodec(NarrationState)
