"""Narration: spoken sentences about what is in view, for people who can't see it.

A sentence is emitted only when something has changed, and not before the previous one can have
been spoken.
"""

from collections.abc import Sequence

from msgspec import Struct

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.quantity import quantity, with_article
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import NarratedObject
from pycturestream.domain.zone_phrase import zone_phrase

PAUSE_MS = 3_000
"""Three groups take about three seconds to speak at 170 words a minute."""
STEADY_FRAMES = 2
"""Frames that must agree before a change counts: a single one may be the detector's flicker."""
GROUPS_AT_ONCE = 3
"""Nobody can remember more while walking."""

SECTOR_PHRASES = {
    "center": "in the center",
    "middle left": "on the left",
    "middle right": "on the right",
}
"""Of the sectors without a corner or an edge of their own; all others are `at the top left` etc."""
Group = tuple[str, str, int]
"""Label, sector and number: what a sentence is made of."""


class Narration(Struct, frozen=True):
    """One sentence."""

    camera_id: str
    frame_id: str
    captured_at: Millis
    language: str
    text: str
    priority: int
    """0 for a description, 1 to 3 for the level of the worst threat in it."""


class NarrationState(Struct, frozen=True, array_like=True):
    """What the listener has been told."""

    spoken: tuple[Group, ...] = ()
    spoken_at: Millis = 0
    candidate: tuple[Group, ...] = ()
    """What was in view in the last frames ..."""
    steady_frames: int = 0
    """... and in how many of them, at most as many as have to agree."""


def narrate(
    state: NarrationState,
    in_view: Sequence[NarratedObject],
    raised: Sequence[AlertChange],
    captured_at: Millis,
) -> tuple[NarrationState, str | None]:
    """Return the new state, and the sentence that is due with this frame, if any.

    In view are also the objects that are hidden for a moment: they come and go for nobody.
    """
    groups = _groups(in_view) if in_view else ()
    steady = min(state.steady_frames + 1, STEADY_FRAMES) if groups == state.candidate else 1
    warning = _warning(raised, in_view)
    due = steady >= STEADY_FRAMES and captured_at - state.spoken_at >= PAUSE_MS
    gone = bool(state.spoken) and not groups
    spoken = state.spoken
    if steady >= STEADY_FRAMES and not gone:
        # A group that has left is mentioned again when it comes back.
        spoken = tuple([group for group in spoken if group in groups])
    changed = [group for group in groups if group not in spoken]
    if warning is None and not (due and (changed or gone)):
        return NarrationState(spoken, state.spoken_at, groups, steady), None
    parts = changed[:GROUPS_AT_ONCE]
    description = _describe(parts) if parts else "Nothing in view." if gone else ""
    text = " ".join(part for part in (warning, description) if part)
    spoken = () if gone else (*spoken, *parts)  # the rest follows in the next sentence
    return NarrationState(spoken, captured_at, groups, steady), text


def _groups(in_view: Sequence[NarratedObject]) -> tuple[Group, ...]:
    """Return what is in view, the largest group first; only objects that were seen before."""
    numbers: dict[tuple[str, str], int] = {}
    for item in in_view:
        if item.seen_before:
            place = item.label, item.sector
            numbers[place] = numbers.get(place, 0) + 1
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return tuple([(label, sector, number) for (label, sector), number in ordered])


def _describe(groups: Sequence[Group]) -> str:
    phrases = [f"{quantity(label, number)} {_where(sector)}" for label, sector, number in groups]
    sentence = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _warning(raised: Sequence[AlertChange], in_view: Sequence[NarratedObject]) -> str | None:
    """Return a warning about the worst new alert; it does not wait for the pause.

    For example `Warning: a person in the driveway.`
    """
    if not raised:
        return None
    worst = max(raised, key=lambda change: change.alert.level).alert
    item = next(item for item in in_view if item.track_id == worst.track_ids[0])
    place = zone_phrase(worst.zones[:1]) or _where(item.sector)
    return f"Warning: {with_article(worst.label or 'object', worst.count)} {place}."


def _where(sector: str) -> str:
    return SECTOR_PHRASES.get(sector, f"at the {sector}")
