"""Who breaks a rule, in how many frames, and since when."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject


class Violation(NamedTuple):
    """What is remembered of a thing that breaks a rule. Stored without the names of its fields."""

    frames: int
    """In how many it has, at most as many as the rule asks for."""
    since: Millis
    score: float
    """The highest of those frames."""
    told: bool = False
    """Whether it is, or was, in an alert of this rule: it opens no other one while it lives. The
    rest is not needed any more then."""


Violations = Mapping[str, Violation]
"""By track id, while the track lives."""


IN_ALERT = Violation(frames=0, since=0, score=0, told=True)
"""With whole numbers, which take a byte each."""


def frames_asked(rule: Rule) -> int:
    """Return in how many frames a thing must break a rule.

    One crossing is enough: only tracks that are believed cross anything, and each does it once.
    """
    return 1 if rule.crosses else rule.frames


def is_enough(rule: Rule, one: Violation) -> bool:
    """Whether a thing has broken a rule in as many frames as it asks for."""
    return one.told or one.frames >= frames_asked(rule)


def follow(
    known: Violations, rule: Rule, scene: Scene, living: Collection[str]
) -> tuple[dict[str, Violation], list[SeenObject]]:
    """Return the breaches after one more frame, and the things that break the rule in it."""
    violations = {name: violation for name, violation in known.items() if name in living}
    breaking = conditions.breaking(rule, scene)
    for thing in breaking:
        name, score = thing.track.track_id, thing.score
        before = violations.get(name)
        if before is None:
            violations[name] = Violation(1, scene.at, score)
        elif not before.told:
            frames = min(before.frames + 1, frames_asked(rule))
            violations[name] = before._replace(frames=frames, score=max(before.score, score))
    return violations, breaking
