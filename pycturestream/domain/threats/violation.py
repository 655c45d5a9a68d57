"""Who breaks a rule, in how many frames, and since when."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import conditions
from pycturestream.domain.threats.conditions import Look
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject


class Breach(NamedTuple):
    """What is remembered of a thing that breaks a rule. Stored without the names of its fields."""

    frames: int
    """In how many it has, at most as many as the rule asks for."""
    since: Millis
    score: float
    """The highest of those frames."""
    told: bool = False
    """Whether it is, or was, in an alert of this rule: it opens no other one while it lives. The
    rest is not needed any more then."""


Breaches = Mapping[str, Breach]
"""By track id, while the track lives."""


TOLD = Breach(frames=0, since=0, score=0, told=True)
"""With whole numbers, which take a byte each."""


def frames_asked(rule: Rule) -> int:
    """Return in how many frames a thing must break a rule.

    One crossing is enough: only tracks that are believed cross anything, and each does it once.
    """
    return 1 if rule.crosses else rule.frames


def is_enough(rule: Rule, one: Breach) -> bool:
    """Whether a thing has broken a rule in as many frames as it asks for."""
    return one.told or one.frames >= frames_asked(rule)


def follow(
    known: Breaches, rule: Rule, look: Look, living: Collection[str]
) -> tuple[dict[str, Breach], list[SeenObject]]:
    """Return the breaches after one more frame, and the things that break the rule in it."""
    breaches = {name: breach for name, breach in known.items() if name in living}
    breaking = conditions.breaking(rule, look)
    for thing in breaking:
        name, score = thing.track.track_id, thing.score
        before = breaches.get(name)
        if before is None:
            breaches[name] = Breach(1, look.at, score)
        elif not before.told:
            frames = min(before.frames + 1, frames_asked(rule))
            breaches[name] = before._replace(frames=frames, score=max(before.score, score))
    return breaches, breaking
