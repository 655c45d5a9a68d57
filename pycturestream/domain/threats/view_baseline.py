"""Tamper detection: the views that a camera usually shows, and pictures that show none of them.

A view is a coarse pattern: by how much each cell of a thumbnail is brighter than its neighbours.
Changing light changes all cells by nearly the same factor, so on the scale of shades, which is
logarithmic, the pattern stays. A camera has more than one view, for example by day and by lamp
light; the one that a picture resembles most counts.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from pycturestream.domain.alerts.facts import figure
from pycturestream.domain.frames.picture_measure import BLACK, COLUMNS, ROWS, PictureMeasure
from pycturestream.domain.threats.view_fault import Fault, ViewFault
from pycturestream.domain.times import Millis

Pattern = NDArray[np.float32]
"""Shades, [2 x (ROWS - 1) x (COLUMNS - 1)]: differences across, then down."""

MIN_PICTURES = 20
"""A view that was seen less often raises no alert: ten seconds at the usual rate."""
MEASURE_EVERY_MS = 400
"""More measurements would only cost time."""
GAP_MS = 60_000
"""After so long without a frame, a fault begins again."""
LOST_BELOW = 0.45
"""Correlation below which two patterns are different views. Unrelated views are seldom above 0.3,
and one view in different light is seldom below 0.8."""
FOUND_ABOVE = 0.55
"""Above it the view is back; in between nothing changes."""
MIN_STRENGTH_SHARE = 0.35
"""Share of the expected pattern's strength below which nothing can be seen: a hand or a bag in
front of the lens is smooth."""
MIN_SHARPNESS_SHARE = 0.25
"""The same for its sharpness: what is so near is far out of focus. A view of something else may
well have a third."""
MIN_STRENGTH = 2.0
"""Shades: a view whose cells differ by less is too dark, or too plain, to detect its loss."""
BLURRED_BELOW, SHARP_ABOVE = 0.5, 0.6
"""Shares of the expected sharpness: below the first it is blurred, above the second sharp again."""
MIN_SHOWN_SHARE = 0.1
"""Share of the expected pattern that must not be black to be compared."""
LEARN_EVERY_MS = 2_000
"""How often each cell moves one shade towards its latest value (the approximated median of
McFarlane and Schofield 1995). Dusk, which halves the light (60 shades) in five minutes, is learned;
people who pass leave no trace."""
SHARPNESS_MS = 3 * 3_600_000
"""Time in which two thirds of a new sharpness are learned: dew is faster."""
MAX_VIEWS = 4
"""By day, by night, with the lamps on, and one to spare."""
ACCEPTED_AFTER_ALERT_MS = 300_000
"""How long after its alert a new view joins the baseline."""
ACCEPTED_AFTER_MS = 86_400_000
"""What has been covered or blurred for a day joins the baseline."""


def _halves() -> NDArray[np.float32]:
    halves = np.zeros((4, 2, ROWS - 1, COLUMNS - 1), np.float32)
    halves[0, :, : ROWS // 2] = halves[1, :, ROWS // 2 :] = 1
    halves[2, :, :, : COLUMNS // 2] = halves[3, :, :, COLUMNS // 2 :] = 1
    return halves.reshape(4, -1)


_HALVES = _halves()
"""For the upper, lower, left and right half of the picture: 1 for each pattern element in it."""


class View(Struct, frozen=True, array_like=True):
    """One view of the baseline."""

    thumbnail: bytes
    sharpness: float
    brightness: float
    since: Millis
    """When it was first seen."""
    learned_at: Millis
    pictures: int = 1
    """Pictures that it was learned from."""


class ViewBaseline(Struct, frozen=True, array_like=True):
    """The expected views of a camera, and since when its pictures show none of them."""

    views: tuple[View, ...] = ()
    """The most recent one first."""
    measured_at: Millis = 0
    lost_at: Millis = 0
    """Since when no view has been found; 0: one is there."""
    pictures: int = 0
    """The pictures since then ..."""
    flat: int = 0
    """... and how many of these show nearly nothing."""
    candidate: View | None = None
    """The view that is there instead, as long as it stays the same."""
    blurred_at: Millis = 0
    similarity: float = 1.0
    """Correlation of the latest picture with the view that it resembles most."""


def update(
    view_baseline: ViewBaseline, measure: PictureMeasure, at: Millis, moved_after_ms: int
) -> ViewBaseline:
    """Return the view baseline after one more picture.

    `moved_after_ms` is how long an unknown view must last before a rule raises an alert for it.
    """
    if at - view_baseline.measured_at < MEASURE_EVERY_MS:
        return view_baseline
    if at - view_baseline.measured_at > GAP_MS:
        view_baseline = replace(
            view_baseline, lost_at=0, pictures=0, flat=0, candidate=None, blurred_at=0
        )
    view_baseline = replace(view_baseline, measured_at=at)
    if not view_baseline.views:
        return replace(view_baseline, views=(_first_seen(measure, at),))
    similarity, nearest = _nearest(view_baseline.views, measure.thumbnail)
    view = view_baseline.views[nearest]
    view_baseline = replace(view_baseline, similarity=round(similarity, 2))
    blurred_at = 0
    if similarity >= (FOUND_ABOVE if view_baseline.lost_at else LOST_BELOW):
        blurred_at = _blurred_at(view_baseline, view, measure, at)
        learnt = _learn(view, measure, at, sharp=not blurred_at)
    elif _is_established(view):
        return _update_lost(view_baseline, view, measure, at, moved_after_ms)
    else:
        learnt = _first_seen(measure, at)  # the nearest view was not established, or too faint
    others = (*view_baseline.views[:nearest], *view_baseline.views[nearest + 1 :])
    return ViewBaseline(
        (learnt, *others), at, blurred_at=blurred_at, similarity=view_baseline.similarity
    )


def fault_of(view_baseline: ViewBaseline) -> tuple[Fault, Millis] | None:
    """Return the fault of the latest picture, and since when it has had it; None: no fault."""
    if view_baseline.lost_at:
        if 2 * view_baseline.flat >= view_baseline.pictures:
            return "covered", view_baseline.lost_at
        return ("moved", view_baseline.candidate.since) if view_baseline.candidate else None
    return ("blurred", view_baseline.blurred_at) if view_baseline.blurred_at else None


def view_fault_of(view_baseline: ViewBaseline, measure: PictureMeasure) -> ViewFault | None:
    """Return the fault of the latest picture, which has this measure; None: no fault."""
    found = fault_of(view_baseline)
    if found is None:
        return None
    fault, since = found
    usual = view_baseline.views[0]
    if fault == "blurred":
        return ViewFault(fault, since, figure(measure.sharpness), figure(usual.sharpness))
    likeness = figure(view_baseline.similarity)
    if fault == "moved":
        return ViewFault(fault, since, likeness=likeness)
    return ViewFault(fault, since, figure(measure.brightness), figure(usual.brightness), likeness)


def _update_lost(
    view_baseline: ViewBaseline,
    view: View,
    measure: PictureMeasure,
    at: Millis,
    moved_after_ms: int,
) -> ViewBaseline:
    """Return the baseline after a picture that shows none of its views; `view` is the nearest."""
    flat = (
        _strength(measure.thumbnail) < MIN_STRENGTH_SHARE * _strength(view.thumbnail)
        or measure.sharpness < MIN_SHARPNESS_SHARE * view.sharpness
    )
    candidate = view_baseline.candidate
    if candidate and _similarity(candidate.thumbnail, measure.thumbnail) >= FOUND_ABOVE:
        candidate = _learn(candidate, measure, at, sharp=True)
    else:
        candidate = _first_seen(measure, at)
    view_baseline = replace(
        view_baseline,
        lost_at=view_baseline.lost_at or at,
        pictures=view_baseline.pictures + 1,
        flat=view_baseline.flat + flat,
        candidate=candidate,
        blurred_at=0,
    )
    fault = fault_of(view_baseline)
    accepted_after_ms = (
        moved_after_ms + ACCEPTED_AFTER_ALERT_MS
        if fault and fault[0] == "moved"
        else ACCEPTED_AFTER_MS
    )
    if at - candidate.since >= accepted_after_ms:
        return ViewBaseline((candidate, *view_baseline.views)[:MAX_VIEWS], at)
    return view_baseline


def _is_established(view: View) -> bool:
    """Whether a view was seen often enough, and clearly enough, to detect its loss."""
    return view.pictures >= MIN_PICTURES and _strength(view.thumbnail) >= MIN_STRENGTH


def _blurred_at(
    view_baseline: ViewBaseline, view: View, measure: PictureMeasure, at: Millis
) -> Millis:
    bound = SHARP_ABOVE if view_baseline.blurred_at else BLURRED_BELOW
    if measure.sharpness >= bound * view.sharpness or not _is_established(view):
        return 0
    if view_baseline.blurred_at and at - view_baseline.blurred_at >= ACCEPTED_AFTER_MS:
        return 0
    return view_baseline.blurred_at or at


def _first_seen(measure: PictureMeasure, at: Millis) -> View:
    return View(measure.thumbnail, measure.sharpness, measure.brightness, at, at)


def _learn(view: View, measure: PictureMeasure, at: Millis, *, sharp: bool) -> View:
    """Return a view after a picture that shows it; its sharpness counts where it is `sharp`."""
    if view.pictures < MIN_PICTURES:
        pictures = view.pictures + 1
        weight, thumbnail = 1 / pictures, _mean(view.thumbnail, measure.thumbnail, pictures)
    elif at - view.learned_at < LEARN_EVERY_MS:
        return view
    else:
        pictures = view.pictures
        # After a night without pictures the first one is no more than one picture.
        weight = min(at - view.learned_at, GAP_MS) / SHARPNESS_MS
        thumbnail = _approach(view.thumbnail, measure.thumbnail)
    return replace(
        view,
        thumbnail=thumbnail,
        sharpness=view.sharpness + weight * sharp * (measure.sharpness - view.sharpness),
        brightness=view.brightness + weight * (measure.brightness - view.brightness),
        learned_at=at,
        pictures=pictures,
    )


def _mean(expected: bytes, seen: bytes, pictures: int) -> bytes:
    """Return the mean shades of so many pictures, one of them new; black cells don't count."""
    old, new = _cells(expected), _cells(seen)
    mean = np.where(new == BLACK, old, np.rint(old + (new - old) / pictures))
    return np.where(old == BLACK, new, mean).astype(np.uint8).tobytes()


def _approach(expected: bytes, seen: bytes) -> bytes:
    """Return the shades, each a step nearer to those seen; black cells take them over at once."""
    old, new = _cells(expected), _cells(seen)
    return np.where(old == BLACK, new, old + np.sign(new - old)).astype(np.uint8).tobytes()


def _nearest(views: Sequence[View], thumbnail: bytes) -> tuple[float, int]:
    """Return the similarity of a picture to the view that it resembles most, and its index."""
    best, nearest = -1.0, 0
    for index, view in enumerate(views):
        similarity = _similarity(view.thumbnail, thumbnail)
        if similarity > best:
            best, nearest = similarity, index
        if best >= FOUND_ABOVE:
            break
    return best, nearest


def _similarity(expected: bytes, seen: bytes) -> float:
    """Return the correlation of two patterns, -1..1, where neither is black.

    Of that half of the picture in which it is the highest: a lorry hides the other one.
    """
    one, other = _pattern(expected), _pattern(seen)
    if BLACK in expected or BLACK in seen:
        shown = _shown(expected)
        both = shown * _shown(seen)
        if both.sum() <= MIN_SHOWN_SHARE * shown.sum():
            return 0.0
        one, other = one * both, other * both
    products = _HALVES @ (one * other)
    norms = np.sqrt((_HALVES @ (one * one)) * (_HALVES @ (other * other)))
    return float((products / np.maximum(norms, 1.0)).max())


def _strength(thumbnail: bytes) -> float:
    """Return by how many shades cells differ from those beside and above them, as a mean."""
    return float((np.abs(_pattern(thumbnail)) * _shown(thumbnail)).mean())


def _pattern(thumbnail: bytes) -> Pattern:
    """Return by how much each cell is brighter than that to its left, and than that above it."""
    cells = _cells(thumbnail)
    pattern = np.empty((2, ROWS - 1, COLUMNS - 1), np.float32)
    np.subtract(cells[1:, 1:], cells[1:, :-1], out=pattern[0])
    np.subtract(cells[1:, 1:], cells[:-1, 1:], out=pattern[1])
    return pattern.ravel()


def _shown(thumbnail: bytes) -> Pattern:
    """Return 1 for each of these pairs of which neither cell is black, 0 for the others."""
    lit = _cells(thumbnail) != BLACK
    shown = np.empty((2, ROWS - 1, COLUMNS - 1), np.float32)
    np.logical_and(lit[1:, 1:], lit[1:, :-1], out=shown[0])
    np.logical_and(lit[1:, 1:], lit[:-1, 1:], out=shown[1])
    return shown.ravel()


def _cells(thumbnail: bytes) -> NDArray[np.float32]:
    return np.frombuffer(thumbnail, np.uint8).reshape(ROWS, COLUMNS).astype(np.float32)
