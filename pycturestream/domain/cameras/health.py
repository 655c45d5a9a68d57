"""What is wrong with a camera, if anything, and since when: what whoever looks at it is told."""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.times import Millis

HealthState = Literal[
    "ok", "waiting", "offline", "silent", "rejected", "covered", "blurred", "dark", "moved"
]
"""waiting: no picture of it was ever processed. offline: the job says so. silent: there are no
results, and nobody says why. rejected: pictures come, and none can be used. The others: nothing, or
something else than usual, can be seen in its pictures."""
Fault = Literal["covered", "blurred", "dark", "moved"]

PRODUCER_EVENTS: Final = frozenset({"reconnecting", "stalled", "ended"})
"""What a producer says of a camera that it gets no pictures from."""


class Health(Struct, frozen=True):
    """What is wrong with a camera."""

    state: HealthState
    since: Millis | None = None
    """None where nothing is wrong, or nobody knows since when."""
    detail: str = ""


class Signs(Struct, frozen=True):
    """What was seen and heard of a camera."""

    seen_at: Millis | None = None
    """When the newest picture was taken that was processed."""
    fault: Fault | None = None
    """Of that picture."""
    fault_since: Millis | None = None
    offline_at: Millis | None = None
    """When the job last reported it as offline."""
    rejected_since: Millis | None = None
    """When the first picture was rejected since the last one that was processed."""
    rejected_at: Millis | None = None
    rejected_why: str = ""
    producer_at: Millis | None = None
    producer_event: str = ""


def see(signs: Signs, at: Millis, fault: Fault | None = None, since: Millis | None = None) -> Signs:
    """Take note of a picture that was processed.

    `since`: when its fault began; None where the picture does not say so.
    """
    if signs.seen_at is not None and at < signs.seen_at:
        return signs
    if fault is None:
        began = None
    elif since is not None:
        began = since
    else:
        began = signs.fault_since if fault == signs.fault else at
    signs = replace(signs, seen_at=at, fault=fault, fault_since=began)
    if signs.rejected_at is not None and signs.rejected_at <= at:
        signs = replace(signs, rejected_since=None, rejected_at=None, rejected_why="")
    return signs


def hear(signs: Signs, event: str, at: Millis, detail: str = "") -> Signs:
    """Take note of a camera event; of those that say nothing of its health, nothing is noted."""
    if event == "offline":
        return replace(signs, offline_at=max(at, signs.offline_at or 0))
    if event == "dead_letter":
        if at < max(signs.seen_at or 0, signs.rejected_at or 0):
            return signs
        since = at if signs.rejected_since is None else signs.rejected_since
        why = detail.partition(";")[0]
        return replace(signs, rejected_since=since, rejected_at=at, rejected_why=why)
    if event in PRODUCER_EVENTS and at >= (signs.producer_at or 0):
        return replace(signs, producer_at=at, producer_event=event)
    return signs


def health_of(signs: Signs, now: Millis, offline_after_ms: int) -> Health:
    """Return what is wrong with a camera at this moment."""
    if signs.rejected_at is not None and now - signs.rejected_at < offline_after_ms:
        return Health("rejected", signs.rejected_since, signs.rejected_why)
    if signs.seen_at is None:
        return Health("waiting", None, _of_producer(signs, 0))
    if now - signs.seen_at < offline_after_ms:
        return Health(signs.fault, signs.fault_since) if signs.fault else Health("ok")
    # The job reports it after a while, and a picture that was rejected came in between.
    is_reported = signs.offline_at is not None and signs.offline_at > signs.seen_at
    state: HealthState = "offline" if is_reported else "silent"
    since = max(signs.seen_at, signs.rejected_at or 0)
    return Health(state, since, _of_producer(signs, signs.seen_at))


def _of_producer(signs: Signs, after: Millis) -> str:
    return signs.producer_event if (signs.producer_at or 0) > after else ""
