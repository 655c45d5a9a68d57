"""Sentences about what has changed since the last one.

Nothing is said before the sentence before can have been spoken, except for what can't wait: an
alert interrupts, and what approaches waits only for a moment.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras.camera import Verbosity
from pycturestream.domain.frames.picture_measure import PictureFault
from pycturestream.domain.geometry import sector
from pycturestream.domain.narration.grouping import (
    SURE,
    counted,
    grouped,
    groups_of,
    hour_of,
    is_approaching,
    narrated,
    place_of,
)
from pycturestream.domain.narration.sentence import (
    WORD_LIMITS,
    Group,
    Sentence,
    importance,
    within,
    words_of,
)
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import NarratedObject

PAUSE_MS = 5_000
"""Between two sentences: most are spoken in three seconds, and all but the longest in four."""
WORD_MS = 350
"""After a longer one, more: for each word, at 170 a minute."""
URGENT_PAUSE_MS = 2_000
"""Before something that approaches is told: the sentence before is cut short, not lost."""
STEADY_FRAMES = 2
"""Frames that must agree before a change counts: a track may be two for a moment, ..."""
STEADY_MS = 1_000
"""... but not where frames are as far apart as this. There, each one more is a step or two."""
EXACT_UP_TO = 3
"""Of more objects, a listener does not care whether there is one more or less: ..."""
ROUGH_SHARE = 0.34
"""... by less than that, their number counts as the same."""
CROWD_PAUSE_MS = 15_000
"""Before more objects than that are told again which only stand elsewhere: in a crowd, somebody
always does."""
BORDER = 0.04
"""Of the picture: so near to the border of a sector, an object counts as on the side that was told.
A box trembles by less."""

Told = tuple[str, str, int]
"""Label, place and number. (Before there were other places, the place was a sector.)"""


class NarrationState(Struct, frozen=True, array_like=True):
    """What the listener has been told."""

    told: tuple[Told, ...] = ()
    told_at: Millis = 0
    candidate: tuple[Told, ...] = ()
    """What was in view in the last frames ..."""
    steady_frames: int = 0
    """... and in how many of them, at most as many as have to agree."""
    approaching: tuple[str, ...] = ()
    """The tracks in view that were told to approach."""
    fault: PictureFault = ""
    """What is wrong with the picture of the last frame, ..."""
    fault_frames: int = 0
    """... in how many frames something was, or nothing, at most as many as have to agree, ..."""
    fault_told: bool = False
    """... and whether the last sentence was about that."""
    seen_at: Millis = 0
    """When the last frame was captured."""
    told_words: int = 0
    """How long the last sentence was, in the language that needs the most words."""


def step(
    state: NarrationState,
    in_view: Sequence[NarratedObject],
    raised: Sequence[AlertChange],
    captured_at: Millis,
    *,
    verbosity: Verbosity = "normal",
    labels: Iterable[str] = (),
    fault: PictureFault = "",
) -> tuple[NarrationState, Sentence | None]:
    """Return the new state, and the sentence that is due with this frame, if any.

    In view are also the objects that are hidden for a moment: they come and go for nobody. Only
    objects of these labels matter; where none are named, all but faces do. What is wrong with the
    picture is told instead of the view being empty.
    """
    # One frame alone may be the detector's flicker.
    mattering = [item for item in narrated(in_view, labels) if item.seen_before]
    seen = counted(mattering) if mattering else ()
    before = state.candidate if captured_at - state.seen_at < STEADY_MS else None
    state = _observed(state, seen, in_view, fault, captured_at)
    if raised:
        chosen = within(_alerts(raised, in_view), WORD_LIMITS[verbosity])
        return _told(state, chosen, captured_at), Sentence("groups", chosen)
    new = [
        item
        for item in mattering
        if is_approaching(item) and item.track_id not in state.approaching
    ]
    waited_ms = captured_at - state.told_at
    if waited_ms < (URGENT_PAUSE_MS if new else max(PAUSE_MS, state.told_words * WORD_MS)):
        return state, None
    news = _news(state, mattering, verbosity, waited_ms)
    if news and before is not None:
        news -= _unsteady(seen, before)
    if new or news:
        moving = {group: objects for group, objects in grouped(new) if group.motion}
        places = {(group.label, group.place) for group in moving}
        changed = (
            group
            for group in groups_of(mattering, with_motion=False)
            if group.label in news
            and (group.label, group.place) not in places
            and not _is_told((group.label, group.place, group.count), state.told)
        )
        if chosen := within((*moving, *changed), WORD_LIMITS[verbosity]):
            tracks = [item.track_id for group in chosen for item in moving.get(group, ())]
            state = replace(state, approaching=(*state.approaching, *tracks))
            return _told(state, chosen, captured_at), Sentence("groups", chosen)
    if not seen and state.steady_frames >= STEADY_FRAMES:
        return _empty(state, captured_at)
    return state, None


def _observed(
    state: NarrationState,
    seen: tuple[Told, ...],
    in_view: Sequence[NarratedObject],
    fault: PictureFault,
    at: Millis,
) -> NarrationState:
    """Return the state after one more frame, before anything is said about it."""
    steady = min(state.steady_frames + 1, STEADY_FRAMES) if seen == state.candidate else 1
    told, approaching = state.told, state.approaching
    if told and seen and told != seen:
        told = _remaining(told, seen, state.candidate)
    if approaching:
        tracks = {item.track_id for item in in_view}
        approaching = tuple([track for track in approaching if track in tracks])
    # At dusk a picture is now dark, now blurred: either way nothing can be seen.
    same = bool(fault) == bool(state.fault)
    return NarrationState(
        told,
        state.told_at,
        seen,
        steady,
        approaching,
        fault,
        min(state.fault_frames + 1, STEADY_FRAMES) if same else 1,
        state.fault_told,
        at,
        state.told_words,
    )


def _remaining(
    told: Sequence[Told], seen: Sequence[Told], before: Sequence[Told]
) -> tuple[Told, ...]:
    """Return what was told without the groups that have left: they are told again as they come.

    A group that only stands elsewhere has not left.
    """
    places = {(label, place) for label, place, _ in (*seen, *before)}
    now, then = _totals(seen), _totals(before)
    stayed = set()
    for label, number in _totals(told).items():
        most = max(now.get(label, 0), then.get(label, 0))
        if most >= number or _are_alike(most, number):
            stayed.add(label)
    return tuple([one for one in told if one[0] in stayed or one[:2] in places])


def _unsteady(seen: Sequence[Told], before: Sequence[Told]) -> set[str]:
    """Return the labels of which the frame before showed another number."""
    then = _totals(before)
    return {
        label
        for label, number in _totals(seen).items()
        if not _are_alike(number, then.get(label, 0))
    }


def _news(
    state: NarrationState,
    in_view: Sequence[NarratedObject],
    verbosity: Verbosity,
    waited_ms: int,
) -> set[str]:
    """Return the labels of which something is new: their number, or a place.

    In short, only more of something is news: not less, and not elsewhere.
    """
    seen = state.candidate
    new = {one[0] for one in seen if not _is_told(one, state.told)}
    if not new:
        return new
    known, now = _totals(state.told), _totals(seen)
    news = set()
    for label in new:
        number = now[label]
        if _are_alike(number, known.get(label, 0)):
            crowd = number > EXACT_UP_TO and waited_ms < CROWD_PAUSE_MS
            if verbosity == "short" or crowd or _stands_as_told(label, in_view, state.told):
                continue
        elif verbosity == "short" and number < known.get(label, 0):
            continue
        news.add(label)
    return news


def _is_told(group: Told, told: Sequence[Told]) -> bool:
    """Whether a group was told, with about this number."""
    label, place, count = group
    return any(
        (of, where) == (label, place) and _are_alike(number, count) for of, where, number in told
    )


def _stands_as_told(label: str, in_view: Sequence[NarratedObject], told: Sequence[Told]) -> bool:
    """Whether objects are where they were told to be, seen from one side of a border at least."""
    wanted = {(place, number) for of, place, number in told if of == label}
    items = [item for item in in_view if item.label == label]
    for dx, dy in ((BORDER, 0), (-BORDER, 0), (0, BORDER), (0, -BORDER)):
        moved = (_moved(item, dx, dy) for item in items)
        if {(place, number) for _, place, number in counted(moved)} == wanted:
            return True
    return False


def _moved(item: NarratedObject, dx: float, dy: float) -> NarratedObject:
    x, y = item.center
    center = min(max(x + dx, 0.0), 1.0), min(max(y + dy, 0.0), 1.0)
    return replace(item, center=center, sector=sector(center))


def _totals(groups: Iterable[Told]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for label, _, number in groups:
        totals[label] = totals.get(label, 0) + number
    return totals


def _are_alike(one: int, other: int) -> bool:
    if one == other:
        return True
    smaller, larger = sorted((one, other))
    return smaller > EXACT_UP_TO and larger - smaller < ROUGH_SHARE * larger


def _told(state: NarrationState, chosen: Sequence[Group], at: Millis) -> NarrationState:
    """Return the state after a sentence about some groups."""
    now: dict[tuple[str, str], int] = {
        (label, place): number for label, place, number in state.candidate
    }
    labels = {group.label for group in chosen}
    told = {
        (label, place): number
        for label, place, number in state.told
        if label not in labels or (label, place) in now
    }
    for group in chosen:
        place = group.label, group.place
        # Of several, the sentence may have told only the ones that approach or are in the alert.
        if now.get(place) == group.count:
            told[place] = group.count
    return replace(
        state,
        told=tuple([(label, place, number) for (label, place), number in told.items()]),
        told_at=at,
        fault_told=False,
        told_words=sum(map(words_of, chosen)),
    )


def _empty(state: NarrationState, at: Millis) -> tuple[NarrationState, Sentence | None]:
    """Return the sentence about a view in which nothing is, if it was not told.

    Whoever was told that nothing can be seen is told when that is over.
    """
    if state.fault_frames < STEADY_FRAMES:
        return state, None
    if state.fault:
        if state.fault_told:
            return state, None
        return replace(state, told=(), told_at=at, told_words=0, fault_told=True), Sentence(
            state.fault
        )
    if not (state.told or state.fault_told):
        return state, None
    return replace(state, told=(), told_at=at, told_words=0, fault_told=False), Sentence("nothing")


def _alerts(raised: Sequence[AlertChange], in_view: Iterable[NarratedObject]) -> tuple[Group, ...]:
    """Return a group for each alert that was raised, the worst first."""
    objects = {item.track_id: item for item in in_view}
    groups: dict[tuple[str, str, str], Group] = {}
    for change in raised:
        alert = change.alert
        item = objects[alert.track_ids[0]]
        group = Group(
            count=alert.count,
            label=alert.label or "object",
            place=place_of(item.sector),
            hour=hour_of(item.center[0]),
            zone=alert.zones[0] if alert.zones else "",
            danger=alert.level,
            sure=item.certainty >= SURE,
        )
        place = group.label, group.zone, group.place
        if place not in groups or importance(group) < importance(groups[place]):
            groups[place] = group
    return tuple(sorted(groups.values(), key=importance))
