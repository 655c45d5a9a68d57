"""What the reason of an alert says, without a language."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from pycturestream.domain.cameras.camera import About
from pycturestream.domain.cameras.schedule import Period

Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Figure = Annotated[float, Meta(ge=0, le=1e9)]


def figure(value: float) -> float:
    """Return a figure as it is told: with two decimals, from 0."""
    return float(f"{max(value, 0.0):.2f}")


class LabelCount(Struct, frozen=True):
    """Objects of one label."""

    label: str
    count: Number


class CrossedLine(Struct, frozen=True):
    """A line that an object has crossed."""

    line: str
    way: Literal["in", "out"]


class Facts(Struct, frozen=True, omit_defaults=True):
    """What a reason is worded from. Names are shortened, and can all be shown.

    Times are RFC 3339 as in records, of which this is a part as it stands.
    """

    about: About
    since: str
    """When the first object began to violate the rule, the camera was last seen, its clock or view
    became wrong, or the unusual hour began."""
    timezone: str
    """Of the camera."""
    count: Number = 1
    """Of objects: the alert's, or all of an unusual hour."""
    label_counts: tuple[LabelCount, ...] = ()
    """The objects that were there at once, in alphabetical order; none: any object. Their numbers
    may add up to less than `count`: others have left, or crossed a line before."""
    crossed: tuple[CrossedLine, ...] = ()
    """By the first object."""
    zones: tuple[str, ...] = ()
    """That the first object stood in, and the rule is about."""
    period: Period | None = None
    """Of the rule's schedule."""
    dwell_ms: Number = 0
    """How long the first object has been there; 0: the rule does not ask."""
    loitering_ms: Number = 0
    frames: Number = 0
    """In how many frames it was seen until the alert was raised."""
    score: Figure = 0.0
    """The highest."""
    clock_off_ms: Annotated[int, Meta(ge=-(2**53 - 1), le=2**53 - 1)] = 0
    """How far the camera's clock is ahead; negative: behind."""
    now: Figure = 0.0
    """The brightness of a covered picture, the sharpness of a blurred one."""
    usual: Figure = 0.0
    """The same of the usual view."""
    likeness: Figure = 0.0
    """To the usual view."""
    expected: Number = 0
    """How many objects such an hour usually has."""
    seen_until: str = ""
    """When the rule was last violated; empty while the alert is open."""
    rule_removed: bool = False
    """The alert has ended because its rule was removed."""
