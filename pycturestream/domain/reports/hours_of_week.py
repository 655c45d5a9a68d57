"""How much comes in which hour of the week: a grid of 7 days and 24 hours at the camera."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from pycturestream.domain.reports.tallies import WeekHourTally

DAYS_OF_WEEK = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
)  # fmt: skip
SHORTEST_SEEN_HOURS: Final = 0.25
"""What was seen for less has no average: one person in a minute would be sixty an hour."""


class WeekHour(Struct, frozen=True):
    """One hour of the week."""

    weekday: int
    """ISO: 1 is Monday."""
    hour: int
    hours_seen: float
    """How long cameras were seen in this hour of the week: two cameras for an hour are two."""
    different: int
    an_hour: float | None
    """Different objects in an hour at a camera, on average; None: no camera was seen for long."""


def hours_of_week(tallies: Iterable[WeekHourTally], window_hours: float) -> list[WeekHour]:
    """Return all 168 hours, the first one of Monday first; `window_hours`: how long a window is."""
    by_hour = {(tally.weekday, tally.hour): tally for tally in tallies}
    return [
        _week_hour(by_hour.get((weekday, hour)) or WeekHourTally(weekday, hour, 0, 0), window_hours)
        for weekday in range(1, 8)
        for hour in range(24)
    ]


def busiest(hours: Sequence[WeekHour]) -> WeekHour | None:
    """Return the hour with the most, of several the first; None where nothing came."""
    found = max(hours, key=lambda hour: hour.an_hour or 0.0, default=None)
    return found if found and found.an_hour else None


def _week_hour(tally: WeekHourTally, window_hours: float) -> WeekHour:
    seen = tally.windows * window_hours
    an_hour = tally.different / seen if seen >= SHORTEST_SEEN_HOURS else None
    return WeekHour(tally.weekday, tally.hour, seen, tally.different, an_hour)
