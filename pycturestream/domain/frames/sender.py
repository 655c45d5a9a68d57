"""Who sends a camera's frames: the first sender holds the camera's id, others are refused.

Two senders under one id have two clocks and two views. Frames of the one whose clock is ahead would
make all frames of the other out of order, and nobody would see that half of them are missing.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.times import MINUTE_MS, Millis

SITUATION_MS = 10 * MINUTE_MS
"""Two senders are one situation, with one event, until none was refused for so long."""
UNNAMED = ""
"""The sender of frames that don't name theirs. It holds no camera's id, so that a program which
names itself takes over at once from an older one."""
_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[0-9]{1,16}")


class SenderState(Struct, frozen=True, array_like=True):
    """Which sender holds a camera's id, and when another one was refused last."""

    sender: str = UNNAMED
    """`{name}:{start}`: the place that sends, and when its program started, in epoch ms."""
    seen_at: Millis = 0
    """When the broker received its newest frame."""
    refused_at: Millis = 0
    """When the broker received the newest frame of another sender."""


def sender_header(name: str, started_at: Millis) -> bytes:
    """Return the header by which a producer names itself."""
    return f"{name}:{started_at}".encode()


def read_sender(header: bytes | None) -> str:
    """Return the sender that a header names; UNNAMED for none, or for what is no such name."""
    return header.decode() if header and _NAME.fullmatch(header) else UNNAMED


def is_other(state: SenderState, sender: str, at: Millis, hold_ms: int) -> bool:
    """Whether a frame that arrived `at` is not of the sender that holds the id at that time.

    A program that was started again on the same place goes on at once; the one before, if it
    still runs, is another sender from then on.
    """
    if state.sender == UNNAMED or abs(at - state.seen_at) > hold_ms:
        return False
    name, _, started_at = sender.rpartition(":")
    holder, _, since = state.sender.rpartition(":")
    return name != holder or int(started_at) < int(since)


def hold(state: SenderState, sender: str, at: Millis, hold_ms: int) -> SenderState:
    """Return the state after a good frame of the sender that may send."""
    if sender == UNNAMED:
        return state
    # Partitions may be read in any order; a clock that went back further than that was wrong.
    back = 0 <= state.seen_at - at <= hold_ms
    return replace(state, sender=sender, seen_at=state.seen_at if back else at)


def refuse(
    state: SenderState, camera_id: str, at: Millis, detail: str
) -> tuple[SenderState, list[CameraEvent]]:
    """Return the state after a frame of another sender, and the event, once for a situation."""
    is_new = not state.refused_at or abs(at - state.refused_at) >= SITUATION_MS
    events = [CameraEvent(camera_id, at, "second_sender", detail)] if is_new else []
    return replace(state, refused_at=at), events


def describe(state: SenderState, sender: str) -> str:
    """Return for people who sends under one id."""
    if state.sender == UNNAMED:
        return f"frames of {_shown(sender)} are refused: they lack the proof that is asked for"
    if _name(sender) == _name(state.sender):
        return f"frames of {_shown(sender)} are refused: a program that was started later took over"
    return f"frames of {_shown(sender)} are refused; {_shown(state.sender)} was first"


def _name(sender: str) -> str:
    return sender.rpartition(":")[0]


def _shown(sender: str) -> str:
    name = _name(sender)
    return f"sender {name}" if name else "a sender without a name"
