import pytest

from pycturestream.domain.search.moment import ExactTime, LocalTime, read_moment
from pycturestream.domain.times import DAY_MS, HOUR_MS, parse_rfc3339, rfc3339
from tests.builders import NOON

VIENNA = "Europe/Vienna"


def at(text, end="since", timezone=VIENNA, now=NOON):
    return rfc3339(read_moment(text, now).at(now, timezone, end))


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("2h", 2 * HOUR_MS),
        ("2 hours", 2 * HOUR_MS),
        ("2 hours ago", 2 * HOUR_MS),
        ("last 2 hours", 2 * HOUR_MS),
        ("1 day ago", DAY_MS),
        ("Last 2 Weeks", 14 * DAY_MS),
        ("90 seconds", 90_000),
        ("now", 0),
    ],
)
def test_a_span_of_time_ago_is_the_same_everywhere(text, ago):
    assert read_moment(text, NOON) == ExactTime(NOON - ago)


def test_a_time_with_its_zone_is_the_same_everywhere():
    assert at("2026-11-21T10:00:00+01:00") == "2026-11-21T09:00:00.000Z"
    assert at("2026-11-21T09:00:00.125Z", timezone="UTC") == "2026-11-21T09:00:00.125Z"


@pytest.mark.parametrize(
    ("text", "expected"),  # NOON is 13:00 on Saturday, November 21, in Vienna
    [
        ("yesterday 20:00", "2026-11-20T19:00:00.000Z"),
        ("today 06:00", "2026-11-21T05:00:00.000Z"),
        ("today", "2026-11-20T23:00:00.000Z"),
        ("yesterday", "2026-11-19T23:00:00.000Z"),
        ("sunday 08:30", "2026-11-15T07:30:00.000Z"),
        ("sat", "2026-11-20T23:00:00.000Z"),
        ("Fri 23:59:30", "2026-11-20T22:59:30.000Z"),
        ("2026-07-01", "2026-06-30T22:00:00.000Z"),
        ("2026-07-01 20:00", "2026-07-01T18:00:00.000Z"),
        ("2026-07-01T20:00:15", "2026-07-01T18:00:15.000Z"),
    ],
)
def test_a_time_without_a_zone_is_by_a_clock(text, expected):
    assert isinstance(read_moment(text, NOON), LocalTime)
    assert at(text) == expected


def test_days_begin_by_the_clock_that_is_meant():
    late = parse_rfc3339("2026-11-20T23:30:00Z")  # it is Saturday in Vienna already
    assert at("today", now=late) == "2026-11-20T23:00:00.000Z"
    assert at("today", timezone="UTC", now=late) == "2026-11-20T00:00:00.000Z"


def test_an_hour_that_comes_twice_belongs_to_the_time_as_a_whole():
    assert at("2026-10-25 02:30") == "2026-10-25T00:30:00.000Z"
    assert at("2026-10-25 02:30", "until") == "2026-10-25T01:30:00.000Z"


def test_of_an_hour_that_never_comes_the_longer_time_is_taken():
    assert at("2026-03-29 02:30") == "2026-03-29T00:30:00.000Z"
    assert at("2026-03-29 02:30", "until") == "2026-03-29T01:30:00.000Z"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "10", "-5m", "1w", "20:00", "yesterday 25:00", "yesterday 8", "2026-13-01",
     "1999-12-31", "2100-01-01", "999999999 weeks", "sa", "tomorrow", "2026-11-21 10:00:00+1"],
)  # fmt: skip
def test_anything_else_is_no_time(text):
    with pytest.raises(ValueError, match=r".+"):
        read_moment(text, NOON)
