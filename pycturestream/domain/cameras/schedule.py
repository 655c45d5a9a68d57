"""Periods of the week by a local clock, on days of a clock change too.

A period begins when the clock of its time zone first shows its begin, or any later time, on one of
its days. It ends when that clock last shows a time before its end. So the two days a year that are
not 24 hours long are well defined: a begin in the hour that is skipped is the end of that hour; of
an hour that comes twice, the first one begins a period and the second one ends it.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from pycturestream.domain.times import MINUTE_MS, Millis, from_datetime, time_zone, to_local
from pycturestream.languages import catalog
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language

Weekday = Annotated[int, Meta(ge=1, le=7)]
"""ISO: 1 is Monday, 7 is Sunday."""
EVERY_DAY: tuple[Weekday, ...] = (1, 2, 3, 4, 5, 6, 7)
DAY_MINUTES = 1_440
FromMinute = Annotated[int, Meta(ge=0, lt=DAY_MINUTES)]
ToMinute = Annotated[int, Meta(gt=0, le=DAY_MINUTES)]
DAYS_REMEMBERED = 4_096
"""Two for each period of hundreds of cameras; a day takes some 50 µs to compute."""


class Period(Struct, frozen=True, cache_hash=True):  # it is part of keys
    """A period of the day, on some days of the week."""

    days: tuple[Weekday, ...] = EVERY_DAY
    """The days on which it begins."""
    from_minute: FromMinute = 0
    """Of the local day."""
    to_minute: ToMinute = DAY_MINUTES
    """Of the next day, unless it is after `from_minute`."""
    timezone: str = ""
    """Whose clock counts; empty: that of the camera or the recipient."""


def holds(periods: Iterable[Period], at: Millis, timezone: str) -> bool:
    """Whether a time is in one of the periods; `timezone` is for those that name none.

    Raises ValueError for a time zone that is unknown.
    """
    return current(periods, at, timezone) is not None


def current(periods: Iterable[Period], at: Millis, timezone: str) -> Period | None:
    """Return the first of the periods that a time is in; None if there is none."""
    return _current(tuple(periods), at // MINUTE_MS, timezone)


@lru_cache(maxsize=DAYS_REMEMBERED)
def _current(periods: tuple[Period, ...], minutes: int, timezone: str) -> Period | None:
    """Return the same for a minute since 1970: periods begin and end with whole minutes."""
    at = minutes * MINUTE_MS
    for period in periods:
        zone = period.timezone or timezone
        today = to_local(at, zone).date()
        for day in (today, today - timedelta(days=1)):
            if day.isoweekday() in period.days:
                begin, end = _span(period.from_minute, period.to_minute, zone, day)
                if begin <= at < end:
                    return period
    return None


@lru_cache(maxsize=DAYS_REMEMBERED)
def _span(from_minute: int, to_minute: int, zone: str, day: date) -> tuple[Millis, Millis]:
    """Return when the period of one day begins and ends."""
    days_later = int(to_minute <= from_minute)
    begin, _ = _readings(day, from_minute, zone)
    _, end = _readings(day + timedelta(days=days_later), to_minute, zone)
    return begin, end


def _readings(day: date, minute: int, zone: str) -> tuple[Millis, Millis]:
    """Return when a local clock shows a minute of a day for the first and for the last time.

    A minute that is skipped is taken to be when the clock goes on after the gap.
    """
    moment = datetime.combine(day, time()) + timedelta(minutes=minute)
    first, last = (
        from_datetime(moment.replace(tzinfo=time_zone(zone), fold=fold).astimezone(UTC))
        for fold in (0, 1)
    )
    if first <= last:
        return first, last
    # Skipped: the two readings (PEP 495) lie on both sides of the gap, in the other order.
    before, after = last, first
    while after - before > 1:
        middle = (before + after) // 2
        if to_local(middle, zone).replace(tzinfo=None) < moment:
            before = middle
        else:
            after = middle
    return after, after


def in_words(period: Period, language: Language = DEFAULT_LANGUAGE) -> str:
    """Return e.g. `between 22:00 and 06:00 on Mon, Fri (Europe/Vienna)`; empty: always."""
    words = []
    if (period.from_minute, period.to_minute) != (0, DAY_MINUTES):
        ends = {"from": _clock(period.from_minute), "to": _clock(period.to_minute)}
        words.append(catalog.text(language, "period", ends))
    if period.days != EVERY_DAY:
        names = catalog.words(language, "days")
        days = ", ".join(names[day - 1] for day in period.days)
        words.append(catalog.text(language, "period-days", {"days": days}))
    if period.timezone:
        words.append(f"({period.timezone})")
    return " ".join(words)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
