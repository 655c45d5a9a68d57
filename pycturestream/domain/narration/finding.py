"""Finding one thing: silence until it is seen, then where it is, then the way to the middle."""

from collections.abc import Iterable

from msgspec import Struct

from pycturestream.domain.narration.grouping import groups_of
from pycturestream.domain.narration.sentence import Sentence
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import NarratedObject

PAUSE_MS = 2_000
"""Between two hints: time to turn, and to be seen again."""
MIDDLE = 1 / 6
"""Of the picture, to either side: the middle third."""
LEFT_MIDDLE = 0.22
"""The same, for what has been in the middle: a hand trembles."""


class FindState(Struct, frozen=True):
    """What a listener who looks for something has been told."""

    track_id: str = ""
    """Of the one that they are led to."""
    told_at: Millis = 0
    centered: bool = False
    """Whether they were told that it is in the middle."""


def step(
    state: FindState, label: str, in_view: Iterable[NarratedObject], captured_at: Millis
) -> tuple[FindState, Sentence | None]:
    """Return the new state, and what is said about things of a label, if anything.

    Of several, the one that was found first, as long as it is in view; else the surest.
    """
    found = {item.track_id: item for item in in_view if item.label == label and item.seen_before}
    if not found:
        return FindState(told_at=state.told_at), None
    item = found.get(state.track_id) or max(
        found.values(), key=lambda one: (one.certainty, one.track_id)
    )
    where = Sentence("groups", groups_of([item], with_motion=False))
    off = item.center[0] - 0.5
    centered = abs(off) <= (LEFT_MIDDLE if state.centered else MIDDLE)
    if item.track_id != state.track_id or (centered and not state.centered):
        return FindState(item.track_id, captured_at, centered), where
    if centered:
        return state, None
    if captured_at - state.told_at < PAUSE_MS:
        return FindState(item.track_id, state.told_at), None
    turn = Sentence("towards-left" if off < 0 else "towards-right")
    return FindState(item.track_id, captured_at), turn
