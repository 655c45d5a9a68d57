"""The time that a report is about, and the steps into which its charts divide it."""

from typing import Final

from msgspec import Struct

from pycturestream.domain.times import DAY_MS, HOUR_MS, MINUTE_MS, Millis

STEPS_MS: Final = (
    *(number * MINUTE_MS for number in (1, 5, 15, 30)),
    *(number * HOUR_MS for number in (1, 3, 6, 12)),
    DAY_MS,
    7 * DAY_MS,
)
MOST_STEPS: Final = 200
"""A chart has no more pixels to show them, and Elasticsearch no more time to find them."""
LONGEST_MS: Final = 400 * DAY_MS
"""A year with a margin. Records are kept for a month unless the settings say otherwise."""


class Period(Struct, frozen=True):
    """From `since` until just before `until`. `period` makes one."""

    since: Millis
    until: Millis
    step_ms: Millis
    """How long a point of a timeline is: the shortest step of which there are not too many."""

    @property
    def starts(self) -> range:
        """When the steps begin; the first at `since`."""
        return range(self.since, self.until, self.step_ms)


def period(since: Millis, until: Millis, *, whole_steps: bool = False) -> Period:
    """Return the period in whole minutes. Raises ValueError for an empty or too long time.

    With `whole_steps` it begins up to a step earlier: a time that ends now is the same for a while,
    and whoever remembers answers has them.
    """
    if since >= until:
        raise ValueError("since must be before until")
    if until - since > LONGEST_MS:
        raise ValueError(f"a report covers at most {LONGEST_MS // DAY_MS} days")
    end = -(-until // MINUTE_MS) * MINUTE_MS
    step = next(step for step in STEPS_MS if end - since <= MOST_STEPS * step)
    return Period(since - since % (step if whole_steps else MINUTE_MS), end, step)
