"""Sentences about what is in view, for somebody who can't look.

A sentence is said only when something has changed, and not before the one before it can have
been heard.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.quantity import quantity
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject

PAUSE_MS = 3_000
"""Three groups take about three seconds to say at 170 words a minute."""
STEADY_FRAMES = 2
"""Frames that must agree before a change is said: one alone may be the detector's flicker."""
GROUPS_AT_ONCE = 3
"""More can't be kept in mind while walking."""

SECTOR_PHRASES = {
    "middle left": "on the left",
    "middle right": "on the right",
}
Group = tuple[str, str, int]
"""Label, sector and how many: what a sentence is made of."""


class Narration(Struct, frozen=True):
    """One sentence."""

    camera_id: str
    frame_id: str
    captured_at: Millis
    language: str
    text: str
    priority: int
    """0 a description; 1 to 3 the level of the worst threat in it."""


class Memory(Struct, frozen=True):
    """What the listener knows."""

    said: tuple[Group, ...] = ()
    said_at: Millis = 0
    coming: tuple[Group, ...] = ()
    """What was in view in the last frames ..."""
    steady_frames: int = 0
    """... and in how many of them."""


def narrate(
    memory: Memory,
    seen: Sequence[SeenObject],
    raised: Sequence[AlertChange],
    captured_at: Millis,
) -> tuple[Memory, str | None]:
    """Return the memory, and the sentence that is due with this frame, if one is."""
    groups = _groups(seen)
    steady = memory.steady_frames + 1 if groups == memory.coming else 1
    memory = replace(memory, coming=groups, steady_frames=steady)
    warning = _warning(raised, seen)
    due = steady >= STEADY_FRAMES and captured_at - memory.said_at >= PAUSE_MS
    gone = bool(memory.said) and not groups
    known = memory.said
    if steady >= STEADY_FRAMES and not gone:
        # What has left is news when it comes back.
        known = tuple(group for group in known if group in groups)
        memory = replace(memory, said=known)
    changed = tuple(group for group in groups if group not in known)
    if warning is None and not (due and (changed or gone)):
        return memory, None
    parts = changed[:GROUPS_AT_ONCE]
    description = _describe(parts) if parts else "Nothing in view." if gone else ""
    text = " ".join(part for part in (warning, description) if part)
    said = () if gone else (*known, *parts)  # the rest is said next time
    return replace(memory, said=said, said_at=captured_at), text


def _groups(seen: Sequence[SeenObject]) -> tuple[Group, ...]:
    """Return what is in view, the largest group first; only what has been seen before."""
    numbers = Counter(
        (thing.track.label, thing.sector) for thing in seen if thing.track.sightings > 1
    )
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return tuple((label, sector, number) for (label, sector), number in ordered)


def _describe(groups: Sequence[Group]) -> str:
    phrases = [f"{quantity(label, number)} {_where(sector)}" for label, sector, number in groups]
    sentence = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _warning(raised: Sequence[AlertChange], seen: Sequence[SeenObject]) -> str | None:
    """Return a warning about the worst new alert: danger is not something to wait for."""
    if not raised:
        return None
    worst = max(raised, key=lambda change: change.alert.level).alert
    thing = next(thing for thing in seen if thing.track.track_id == worst.track_ids[0])
    place = f"in {worst.zones[0]}" if worst.zones else _where(thing.sector)
    return f"Warning: {worst.label} {place}."


def _where(sector: str) -> str:
    return SECTOR_PHRASES.get(sector, f"in {sector}")
