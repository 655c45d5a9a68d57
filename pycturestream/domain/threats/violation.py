"""Which objects violate a rule, in how many frames, since when, and whether they have left."""

from collections.abc import Mapping
from typing import NamedTuple

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject
from pycturestream.domain.tracking.track import STILL_AFTER_MS


class Violation(NamedTuple):
    """The violation of a rule by one object. Stored without the names of its fields."""

    frames: int
    """The frames with the violation, at most as many as the rule requires."""
    since: Millis
    """0: it has left, and not violated the rule since."""
    score: float
    """The highest of those frames."""
    in_alert: bool = False
    """Whether the object is, or was, in an alert of this rule: it opens no other one until it has
    left. The other fields are not needed then."""
    away_since: Millis = 0
    """Since when it has been seen elsewhere; 0: it was there when it was last seen."""
    returning: bool = False
    """Whether it was in an alert before it left."""


Violations = Mapping[str, Violation]
"""By track id, while the track lives."""


IN_ALERT = Violation(frames=0, since=0, score=0, in_alert=True)
"""With whole numbers, which take one byte each."""
LEFT = Violation(frames=0, since=0, score=0, returning=True)


def frames_asked(rule: Rule) -> int:
    """Return in how many frames an object must violate a rule.

    One crossing is enough: only confirmed tracks cross anything, and each crossing is one event.
    """
    return 1 if rule.crosses else rule.frames


def is_enough(rule: Rule, one: Violation) -> bool:
    """Whether an object has violated a rule in as many frames as it requires."""
    return one.in_alert or one.frames >= frames_asked(rule)


def update(
    violations: Violations, rule: Rule, scene: Scene, *, lets_go: bool = True
) -> tuple[dict[str, Violation], list[SeenObject]]:
    """Return the violations after one more frame, and the objects that violate the rule in it.

    What an object did before it left is forgotten, unless nothing is let go while its track lives.
    """
    updated = {name: violation for name, violation in violations.items() if name in scene.living}
    violating = conditions.violating(rule, scene)
    for item in violating:
        name, score = item.track_id, item.score
        before = updated.get(name)
        if before is None:
            updated[name] = Violation(1, scene.at, score)
            continue
        if before.away_since:
            before = updated[name] = _back(before, rule, scene, item)
        if not before.in_alert:
            frames = min(before.frames + 1, frames_asked(rule))
            since, score = before.since or scene.at, max(before.score, score)
            updated[name] = Violation(frames, since, score, returning=before.returning)
    if lets_go and len(updated) > len(violating):
        names = {item.track_id for item in violating}
        for item in scene.seen:
            name = item.track_id
            if name in updated and name not in names:
                updated[name] = _without_violation(updated[name], rule, scene, item)
    return updated, violating


def _without_violation(one: Violation, rule: Rule, scene: Scene, item: SeenObject) -> Violation:
    """Return what is remembered of an object that was seen, and violates the rule no more."""
    in_schedule = conditions.in_schedule(rule, scene.camera, scene.at)
    if in_schedule and conditions.is_there(rule, scene, item):
        return _back(one, rule, scene, item) if one.away_since else one
    away_since = one.away_since or scene.at
    has_moved = not in_schedule or _has_moved(item, away_since)
    return _after_absence(one, rule, scene.at - away_since, has_moved=has_moved)._replace(
        away_since=away_since
    )


def _back(one: Violation, rule: Rule, scene: Scene, item: SeenObject) -> Violation:
    """Return what is remembered of an object that was away, and is there again."""
    has_moved = _has_moved(item, one.away_since)
    away_ms = scene.at - one.away_since
    return _after_absence(one, rule, away_ms, has_moved=has_moved)._replace(away_since=0)


def _has_moved(item: SeenObject, away_since: Millis) -> bool:
    """Whether an object was on the move when it was gone, or has been since.

    What stands at a border and trembles has not left.
    """
    return item.still_since > away_since - STILL_AFTER_MS


def _after_absence(one: Violation, rule: Rule, away_ms: int, *, has_moved: bool) -> Violation:
    """Return what is remembered: an object has left that was away for as long as alerts wait."""
    if not has_moved or away_ms < rule.clear_after_ms:
        return one
    return LEFT if one.in_alert else Violation(0, 0, 0, returning=one.returning)
