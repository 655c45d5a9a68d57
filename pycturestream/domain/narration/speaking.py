"""Which sentence is spoken next: one at a time, the newest, and nothing that is too old."""

from collections.abc import Iterable

from msgspec import Struct

from pycturestream.domain.narration.sentence import SPOKEN_WITHIN_MS, Group, may_be_spoken
from pycturestream.domain.times import Millis

CAN_WAIT = 0
"""The urgency of a description: it is spoken when the sentence before has ended."""
CANNOT_WAIT = 1
"""Of what approaches, and of an answer: each cuts short what is no more urgent."""


class Utterance(Struct, frozen=True):
    """A sentence in the words of a listener's language."""

    text: str
    language: str
    frame_id: str
    """Of the picture that it is about; empty if it is about none."""
    captured_at: Millis
    urgency: int = CAN_WAIT
    """What is more urgent interrupts, and is not replaced by what is less so."""


class Speaking(Struct, frozen=True):
    """What one listener hears at the moment, and hears next."""

    spoken: Utterance | None = None
    waiting: Utterance | None = None


class Turn(Struct, frozen=True):
    """What happens when somebody has looked whether the next sentence is due."""

    state: Speaking
    begun: Utterance | None = None
    """To be spoken now; what was being spoken is to be cut short."""
    outdated: Utterance | None = None
    """Never to be spoken: its picture is too old."""


def urgency_of(priority: int, groups: Iterable[Group]) -> int:
    """Return the urgency of a sentence: danger, by its level, comes before what approaches."""
    if priority:
        return CANNOT_WAIT + priority
    return CANNOT_WAIT if any(group.motion for group in groups) else CAN_WAIT


def offer(state: Speaking, new: Utterance) -> tuple[Speaking, Utterance | None]:
    """Return the state with one more sentence, and the one that is never spoken because of it.

    A newer sentence replaces the one that waits, unless that is more urgent.
    """
    if state.waiting and state.waiting.urgency > new.urgency:
        return state, new
    return Speaking(state.spoken, new), state.waiting


def advance(
    state: Speaking, now: Millis, *, is_over: bool, limit_ms: int = SPOKEN_WITHIN_MS
) -> Turn:
    """Return what happens now, knowing whether the sentence that was being spoken is over."""
    spoken = None if is_over else state.spoken
    new = state.waiting
    if new is None or (spoken and not _interrupts(new, spoken)):
        return Turn(Speaking(spoken, new))
    if not may_be_spoken(new.captured_at, now, limit_ms):
        return Turn(Speaking(spoken), outdated=new)
    return Turn(Speaking(new), begun=new)


def _interrupts(new: Utterance, spoken: Utterance) -> bool:
    return new.urgency > CAN_WAIT and new.urgency >= spoken.urgency
