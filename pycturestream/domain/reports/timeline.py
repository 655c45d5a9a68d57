"""What was in view of one camera over time. Nothing in view and not seen are not the same."""

from collections.abc import Iterable

from msgspec import Struct

from pycturestream.domain.reports.period import Period
from pycturestream.domain.reports.tallies import StepTally
from pycturestream.domain.times import Millis

PEOPLE = "person"
"""Always counted, even as zero: without its count a camera was not seen."""


class Timeline(Struct, frozen=True):
    """The most objects of each label at once, in each step."""

    camera_id: str
    starts: tuple[Millis, ...]
    most: dict[str, tuple[int | None, ...]]
    """By label, people first, then the label with the most at once. None: the camera was not
    seen."""


def timeline(camera_id: str, tallies: Iterable[StepTally], period: Period) -> Timeline:
    """Return the timeline of a camera; steps without any tally are gaps.

    A label is counted for an hour after it was last seen. Later its steps have no tally, and it is
    zero in them if the camera was seen.
    """
    numbers: dict[str, dict[Millis, int]] = {PEOPLE: {}}
    for tally in tallies:
        numbers.setdefault(tally.label, {})[tally.start] = tally.most
    seen = {start for of_label in numbers.values() for start in of_label}
    starts = tuple(period.starts)
    things = sorted(
        (label for label in numbers if label != PEOPLE),
        key=lambda label: (-max(numbers[label].values()), label),
    )
    return Timeline(
        camera_id,
        starts,
        {
            label: tuple(numbers[label].get(at, 0) if at in seen else None for at in starts)
            for label in (PEOPLE, *things)
        },
    )
