"""The record of `narrations`: one sentence about one camera."""

import msgspec
from msgspec import Struct

from pycturestream.contracts.codec import Whole, reading
from pycturestream.domain.narration.sentence import Group, Kind, Narration, Sentence
from pycturestream.domain.times import Millis, parse_this_century, rfc3339


class NarrationRecord(Struct, frozen=True):
    """A `Narration` with its id, its run and its time as text."""

    id: str
    run: str
    camera_id: str
    frame_id: str
    captured_at: str
    language: str
    text: str
    priority: Whole
    kind: Kind = "groups"
    groups: tuple[Group, ...] = ()
    """What the text says, for whoever speaks it in another language; older programs wrote none."""

    @property
    def sentence(self) -> Sentence:
        """What is said, without any language."""
        return Sentence(self.kind, self.groups)


_DECODER = msgspec.json.Decoder(NarrationRecord)


def decode_narration(data: bytes) -> tuple[Millis, Sentence]:
    """Return when the picture of a sentence was taken, and what is said.

    Raises CodecError for bytes that are no record of `narrations`.
    """
    with reading():
        read = _DECODER.decode(data)
        return parse_this_century(read.captured_at), read.sentence


def check_narration(read: NarrationRecord) -> None:
    """Raise ValueError where its time is none."""
    parse_this_century(read.captured_at)


def narration_record(narration: Narration, run: str) -> NarrationRecord:
    return NarrationRecord(
        id=f"{narration.frame_id}:{narration.language}",
        run=run,
        camera_id=narration.camera_id,
        frame_id=narration.frame_id,
        captured_at=rfc3339(narration.captured_at),
        language=narration.language,
        text=narration.text,
        priority=narration.sentence.priority,
        kind=narration.sentence.kind,
        groups=narration.sentence.groups,
    )
