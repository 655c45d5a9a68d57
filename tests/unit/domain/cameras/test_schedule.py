"""Periods of the week, minute by minute, over both clock changes of a year."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.cameras.schedule import DAY_MINUTES, EVERY_DAY, Period, holds
from pycturestream.domain.times import from_datetime, to_local

MINUTE = 60_000
NIGHT = Period(from_minute=22 * 60, to_minute=6 * 60)
CHANGES = {
    # zone: the moments (UTC) at which its clock is put forward, and back.
    "Europe/Vienna": ((2026, 3, 29, 1), (2026, 10, 25, 1)),
    "America/New_York": ((2026, 3, 8, 7), (2026, 11, 1, 6)),
    "Australia/Sydney": ((2026, 10, 3, 16), (2026, 4, 4, 16)),
    "Africa/Cairo": ((2026, 4, 23, 22), (2026, 10, 29, 21)),  # at midnight
    "Australia/Lord_Howe": ((2026, 10, 3, 15, 30), (2026, 4, 4, 15)),  # by half an hour
}
ZONES = st.sampled_from(sorted(CHANGES))
PERIODS = st.builds(
    Period,
    days=st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda days: tuple(sorted(days))),
    from_minute=st.integers(0, DAY_MINUTES - 1),
    to_minute=st.integers(1, DAY_MINUTES),
)


def utc(*parts) -> int:
    return from_datetime(datetime(*parts, tzinfo=UTC))


def on(text: str, zone: str = "UTC") -> bool:
    """Whether the night holds at a local time that is not told twice."""
    moment = datetime.fromisoformat(text).replace(tzinfo=to_local(0, zone).tzinfo)
    return holds([NIGHT], from_datetime(moment), zone)


def around(zone: str, change: int) -> list[int]:
    """Return the minutes of three days around a change of the clock."""
    middle = utc(*CHANGES[zone][change])
    return [middle + minute * MINUTE for minute in range(-36 * 60, 36 * 60)]


def runs(period: Period, zone: str, moments: list[int]) -> list[tuple[int, int]]:
    """Return the unbroken times in which a period holds: first and last minute."""
    found: list[tuple[int, int]] = []
    for at in moments:
        if holds([period], at, zone):
            joined = found and found[-1][1] == at - MINUTE
            found[-1:] = [(found[-1][0], at)] if joined else [*found[-1:], (at, at)]
    return found


def test_a_period_over_midnight_ends_on_the_next_day():
    assert [on(f"2026-06-03T{t}") for t in ("21:59", "22:00", "23:59", "00:00", "05:59")] == [
        False, True, True, True, True,
    ]  # fmt: skip
    assert not on("2026-06-03T06:00")


def test_the_days_are_those_on_which_a_period_begins():
    friday_night = Period((5,), 22 * 60, 6 * 60)
    saturday_at_two, sunday_at_two = utc(2026, 6, 6, 2), utc(2026, 6, 7, 2)
    assert holds([friday_night], saturday_at_two, "UTC")
    assert not holds([friday_night], sunday_at_two, "UTC")


def test_a_whole_day_is_from_midnight_to_midnight():
    sunday = Period((7,))
    assert holds([sunday], utc(2026, 6, 7), "UTC")
    assert holds([sunday], utc(2026, 6, 7, 23, 59), "UTC")
    assert not holds([sunday], utc(2026, 6, 8), "UTC")


def test_a_period_that_ends_when_it_begins_takes_a_day():
    assert [
        holds([Period((1,), 480, 480)], utc(2026, 6, day, hour), "UTC")
        for day, hour in ((1, 7), (1, 8), (2, 7), (2, 8))
    ] == [False, True, True, False]


def test_one_of_several_periods_is_enough():
    periods = [Period((1, 2, 3, 4, 5), 18 * 60, 8 * 60), Period((6, 7))]
    assert holds(periods, utc(2026, 6, 6, 12), "UTC")
    assert not holds(periods, utc(2026, 6, 5, 12), "UTC")
    assert not holds([], utc(2026, 6, 5, 12), "UTC")


def test_a_period_may_name_a_time_zone_of_its_own():
    in_tokyo = Period(from_minute=22 * 60, to_minute=6 * 60, timezone="Asia/Tokyo")
    assert holds([in_tokyo], utc(2026, 6, 3, 14), "Europe/Vienna")
    assert not holds([NIGHT], utc(2026, 6, 3, 14), "Europe/Vienna")


@pytest.mark.parametrize(
    ("zone", "change", "begin", "end", "minutes"),
    [
        # Vienna: at 02:00 it is 03:00.
        ("Europe/Vienna", 0, "22:00", "06:00", 7 * 60),
        ("Europe/Vienna", 0, "02:30", "04:00", 60),  # begins at 03:00
        ("Europe/Vienna", 0, "01:00", "02:30", 60),  # ends at 03:00
        ("Europe/Vienna", 0, "02:10", "02:50", 0),  # does not come
        # Vienna: at 03:00 it is 02:00.
        ("Europe/Vienna", 1, "22:00", "06:00", 9 * 60),
        ("Europe/Vienna", 1, "02:30", "04:00", 150),  # from the first 02:30 on
        ("Europe/Vienna", 1, "01:00", "02:30", 150),  # to the second 02:30
        ("Europe/Vienna", 1, "02:10", "02:50", 100),
        ("America/New_York", 0, "01:30", "03:30", 60),
        ("America/New_York", 1, "01:30", "03:30", 180),
        ("Australia/Sydney", 0, "22:00", "06:00", 7 * 60),
        ("Australia/Sydney", 1, "22:00", "06:00", 9 * 60),
        ("Africa/Cairo", 0, "00:00", "01:30", 30),  # midnight itself is skipped
        ("Australia/Lord_Howe", 1, "01:00", "02:00", 90),
    ],
)
def test_a_period_on_the_day_of_a_clock_change(zone, change, begin, end, minutes):
    from_minute, to_minute = (int(t[:2]) * 60 + int(t[3:]) for t in (begin, end))
    period, middle = Period(EVERY_DAY, from_minute, to_minute), utc(*CHANGES[zone][change])
    inside = [
        (first, last)
        for first, last in runs(period, zone, around(zone, change)[26 * 60 : 46 * 60])
        if first < middle + 3 * 60 * MINUTE and last > middle - 3 * 60 * MINUTE
    ]
    assert sum((last - first) // MINUTE + 1 for first, last in inside) == minutes


@given(ZONES, st.sampled_from([0, 1]), PERIODS)
def test_a_clock_change_never_interrupts_a_period(zone, change, period):
    """It holds once a day at most: the hour that comes twice does not begin it twice."""
    moments = around(zone, change)[16 * 60 : 56 * 60]
    starts = [
        to_local(first, zone).date()
        for first, _ in runs(period, zone, moments)
        if first > moments[0]
    ]
    assert len(starts) == len(set(starts))


@given(ZONES, st.sampled_from([0, 1]), PERIODS, st.integers(-36 * 60, 36 * 60 - 1))
def test_the_local_clock_decides_where_it_shows_a_time_once(zone, change, period, minute):
    at = utc(*CHANGES[zone][change]) + minute * MINUTE
    local = to_local(at, zone)
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        return  # it comes twice
    now = local.hour * 60 + local.minute
    yesterday = (local.date() - timedelta(days=1)).isoweekday() in period.days
    today = local.date().isoweekday() in period.days
    expected = (
        (today and now >= period.from_minute) or (yesterday and now < period.to_minute)
        if period.to_minute <= period.from_minute
        else today and period.from_minute <= now < period.to_minute
    )
    assert holds([period], at, zone) == expected


@given(ZONES, st.integers(0, 366 * 24 * 60), PERIODS)
def test_a_period_and_its_complement_leave_no_gap(zone, minute, period):
    """No moment of a year is in neither, so that two rules can guard a camera without a gap."""
    at = utc(2026, 1, 1) + minute * MINUTE
    every_day = Period(EVERY_DAY, period.from_minute, period.to_minute)
    rest = Period(EVERY_DAY, period.to_minute % DAY_MINUTES, period.from_minute or DAY_MINUTES)
    assert holds([every_day, rest], at, zone)
