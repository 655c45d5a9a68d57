"""How many different objects came, by hour and by day at the camera, and through which line."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from pycturestream.domain.reports.period import Period
from pycturestream.domain.reports.tallies import HourTally, LineTally
from pycturestream.domain.times import HOUR_MS, to_local


class HourCame(Struct, frozen=True):
    """How many different objects came in an hour; None: no camera was seen."""

    day: str
    hour: int
    different: int | None


class DayCame(Struct, frozen=True):
    """How many different objects came on a day; None: no camera was seen."""

    day: str
    different: int | None


class LineCame(Struct, frozen=True):
    """How often a line was crossed in the whole period."""

    camera_id: str
    line: str
    crossed_in: int
    crossed_out: int


def came_by_hour(
    tallies: Iterable[HourTally], period: Period, timezones: Iterable[str]
) -> list[HourCame]:
    """Return each hour that clocks in these time zones show in the period, the first one first."""
    numbers: dict[tuple[str, int], int | None] = dict.fromkeys(_hours(period, timezones))
    for tally in tallies:
        key = tally.day, tally.hour
        numbers[key] = (numbers.get(key) or 0) + tally.different
    return [HourCame(*key, numbers[key]) for key in sorted(numbers)]


def came_by_day(hours: Iterable[HourCame]) -> list[DayCame]:
    """Return the sums of hours by day."""
    numbers: dict[str, int | None] = {}
    for hour in hours:
        before = numbers.setdefault(hour.day, None)
        if hour.different is not None:
            numbers[hour.day] = (before or 0) + hour.different
    return [DayCame(*item) for item in sorted(numbers.items())]


def came_by_line(tallies: Iterable[LineTally]) -> list[LineCame]:
    """Return the sums of each line."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for tally in tallies:
        key = tally.camera_id, tally.line
        ins, outs = sums.get(key, (0, 0))
        sums[key] = ins + tally.crossed_in, outs + tally.crossed_out
    return [LineCame(*key, *sums[key]) for key in sorted(sums)]


def most(days: Sequence[DayCame]) -> DayCame | None:
    """Return the day with the most, of several the first; None where nothing came."""
    found = max(days, key=lambda day: day.different or 0, default=None)
    return found if found and found.different else None


def _hours(period: Period, timezones: Iterable[str]) -> Iterable[tuple[str, int]]:
    for timezone in timezones:
        for at in (*range(period.since, period.until, HOUR_MS), period.until - 1):
            local = to_local(at, timezone)
            yield local.date().isoformat(), local.hour
