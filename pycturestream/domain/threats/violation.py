"""Which objects violate a rule, in how many frames, and since when."""

from collections.abc import Mapping
from typing import NamedTuple

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject


class Violation(NamedTuple):
    """The violation of a rule by one object. Stored without the names of its fields."""

    frames: int
    """The frames with the violation, at most as many as the rule requires."""
    since: Millis
    score: float
    """The highest of those frames."""
    in_alert: bool = False
    """Whether the object is, or was, in an alert of this rule: it opens no other one while its
    track lives. The other fields are not needed then."""


Violations = Mapping[str, Violation]
"""By track id, while the track lives."""


IN_ALERT = Violation(frames=0, since=0, score=0, in_alert=True)
"""With whole numbers, which take one byte each."""


def frames_asked(rule: Rule) -> int:
    """Return in how many frames an object must violate a rule.

    One crossing is enough: only confirmed tracks cross anything, and each crossing is one event.
    """
    return 1 if rule.crosses else rule.frames


def is_enough(rule: Rule, one: Violation) -> bool:
    """Whether an object has violated a rule in as many frames as it requires."""
    return one.in_alert or one.frames >= frames_asked(rule)


def update(
    violations: Violations, rule: Rule, scene: Scene
) -> tuple[dict[str, Violation], list[SeenObject]]:
    """Return the violations after one more frame, and the objects that violate the rule in it."""
    updated = {name: violation for name, violation in violations.items() if name in scene.living}
    violating = conditions.violating(rule, scene)
    for item in violating:
        name, score = item.track_id, item.score
        before = updated.get(name)
        if before is None:
            updated[name] = Violation(1, scene.at, score)
        elif not before.in_alert:
            frames = min(before.frames + 1, frames_asked(rule))
            updated[name] = Violation(frames, before.since, max(before.score, score))
    return updated, violating
