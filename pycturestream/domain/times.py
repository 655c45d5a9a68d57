"""Points in time: epoch milliseconds (UTC) inside, RFC 3339 with milliseconds in JSON."""

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import msgspec

Millis: TypeAlias = int
"""Milliseconds since 1970-01-01T00:00:00Z."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

Value = TypeVar("Value", bound=msgspec.Struct)

_UNITS = {"s": 1_000, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_COMPACT = re.compile(r"[0-9]{8}T[0-9]{9}Z")

EARLIEST = 946_684_800_000
"""2000-01-01: no digital network camera took a picture before."""
LATEST = 4_102_444_800_000
"""2100-01-01: beyond any clock that is only wrong by some years."""
LONGEST_SPAN_MS = 36_525 * DAY_MS
FIRST_YEARS, LAST_YEARS = -30_610_224_000_000, 253_402_300_800_000
"""Years 1000 to 9999: what RFC 3339 can write of a clock, however wrong."""
_MILLISECONDS = tuple(f".{ms:03d}Z" for ms in range(1_000))
MOMENTS_REMEMBERED = 1_024
"""Formatting a time takes longer than most other things that are done with a frame; the cameras
of a job send within the same few seconds, and each frame has five times."""


def rfc3339(at: int) -> str:
    """Return e.g. `2026-11-21T09:00:00.125Z`."""
    return _rfc3339_second(at // 1000) + _MILLISECONDS[at % 1000]


@lru_cache(maxsize=MOMENTS_REMEMBERED)
def _rfc3339_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def parse_rfc3339(text: str) -> Millis:
    """Return the epoch milliseconds of an RFC 3339 time.

    ValueError without a zone, and outside of the years that `rfc3339` can write again; its zone
    may move a time out of them.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time needs its zone, such as Z: {text}")
    at = from_datetime(moment)
    if not FIRST_YEARS <= at < LAST_YEARS:
        raise ValueError(f"not from year 1000 to 9999: {text}")
    return at


def parse_this_century(text: str) -> Millis:
    """Return the same of a time that the system wrote.

    ValueError where it is not from 2000 to 2099. So there is room on both sides: whatever is added
    or subtracted, it stays a time.
    """
    at = parse_rfc3339(text)
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"not from 2000 to 2099: {text}")
    return at


def parse_duration(text: str) -> Millis:
    """Return the milliseconds of `30s`, `10m`, `2h` or `3d`.

    ValueError if it is none of these, or longer than a century.
    """
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(f"not a time span such as 30s, 10m, 2h or 3d: {text}")
    span = int(match[1]) * _UNITS[match[2]]
    if span > LONGEST_SPAN_MS:
        raise ValueError(f"longer than a century: {text}")
    return span


def is_duration(text: str) -> bool:
    """Whether a text has the form of a time span."""
    return _DURATION.fullmatch(text) is not None


def parse_moment(text: str, now: Millis) -> Millis:
    """Return a time given as RFC 3339, or as `10m`: that long ago.

    ValueError if it is neither, or not in this century, in which everything searched for is: then
    days before and after it can be written too.
    """
    at = now - parse_duration(text) if is_duration(text) else parse_rfc3339(text)
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"not from 2000 to 2099: {text}")
    return at


def format_span(ms: int) -> str:
    """Return a time span in the largest unit of which it has two: `45 s`, `3 min`, `5 h`, `2 d`."""
    seconds = max(ms, 0) // 1000
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def from_datetime(moment: datetime) -> Millis:
    """Return the epoch milliseconds of an aware datetime, exactly (no float in between)."""
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since_epoch.days * 86_400 + since_epoch.seconds
    return seconds * 1000 + since_epoch.microseconds // 1000


def clamp_times(value: Value, latest: Millis) -> Value:
    """Return a value in which no time, however deep inside, is later than `latest`.

    No other whole number in it may be as large as a time of this century.
    """
    plain = _clamped(msgspec.msgpack.decode(msgspec.msgpack.encode(value)), latest)
    return msgspec.msgpack.decode(msgspec.msgpack.encode(plain), type=type(value))


def _clamped(plain: Any, latest: Millis) -> Any:
    match plain:
        case int():
            return min(plain, latest)
        case list():
            return [_clamped(item, latest) for item in plain]
        case dict():
            return {key: _clamped(item, latest) for key, item in plain.items()}
    return plain


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return the zone of a name such as `Europe/Vienna`; ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"not a time zone: {name}") from error


def to_local(at: int, timezone: str) -> datetime:
    """Return the time that a clock in a time zone shows; ValueError where there is no such zone."""
    return datetime.fromtimestamp(at / 1000, time_zone(timezone))


def local_minute(at: int, timezone: str) -> datetime:
    """Return the local time to the minute, as `to_local` does; faster for times close together.

    From 2000 on, all time zones are whole minutes apart from UTC.
    """
    return _local_minute(at // MINUTE_MS, timezone)


@lru_cache(maxsize=MOMENTS_REMEMBERED)
def _local_minute(minutes: int, timezone: str) -> datetime:
    return to_local(minutes * MINUTE_MS, timezone)


def from_local(moment: datetime, zone: ZoneInfo, near: Millis) -> Millis:
    """Return the epoch milliseconds of a naive local time.

    In autumn an hour comes twice, and in spring a clock that was not put forward shows one that
    never comes. Both can be read in two ways, an hour apart: the one nearest to `near` is meant.
    """
    # Without a conversion to UTC, which in the first and last year may leave the calendar.
    readings = (from_datetime(moment.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    return min(readings, key=lambda reading: abs(reading - near))


def compact(at: int) -> str:
    """Return the time as in a frame id: `20261121T090000125Z`."""
    return f"{_compact_second(at // 1000)}{at % 1000:03d}Z"


@lru_cache(maxsize=MOMENTS_REMEMBERED)
def _compact_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H%M%S}"


def parse_compact(text: str) -> Millis:
    """Return the epoch milliseconds of a time in a frame id; ValueError if it is not one."""
    if not _COMPACT.fullmatch(text):
        raise ValueError(f"not a frame's time: {text}")
    moment = datetime.strptime(text[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000 + int(text[15:18])


def day(at: int) -> str:
    """Return the day of a time, as in an index name: `2026.11.21`."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y.%m.%d}"
