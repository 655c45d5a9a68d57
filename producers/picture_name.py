"""The names of picture files: a time, in UTC if it has no zone, and what else cameras write."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from pycturestream.domain.times import (
    EARLIEST,
    FIRST_YEARS,
    LAST_YEARS,
    LATEST,
    Millis,
    from_datetime,
    parse_compact,
)

_EPOCH = re.compile(
    r"""
    (?:^ | (?P<id>[_ -]))
    (?P<whole>[1-9][0-9]{8,12}) (?:\.(?P<decimals>[0-9]{1,9}))?
    (?(decimals) (?=$|[_ -]) | (?(id) (?=$|[_ -][A-Za-z_ -]+$) | $) )
    """,
    re.VERBOSE,
)
"""A number by itself or behind the id; behind it there are words at most, unless it has decimals:
serial numbers and counters have none."""
_CLOCK_WITH_DASHES = re.compile(r"(?<=T)(\d\d)-(\d\d)-(\d\d)(?=$|[.,Z+-])")
"""`09-00-00`: what people write if a file system forbids colons."""
_CALENDAR = re.compile(
    r"""
    (?<![0-9])
    (?P<year>(?:19|20|21)[0-9]{2}) (?P<dash>[-._]?) (?P<month>[0-9]{2}) (?P=dash) (?P<day>[0-9]{2})
    (?:T | [-._,\ ]{0,3})
    (?P<hour>[0-9]{2}) (?P<colon>[-.:_]?) (?P<minute>[0-9]{2}) (?P=colon) (?P<second>[0-9]{2})
    (?: [.,](?P<decimals>[0-9]{1,9}) | [-_]?(?P<digits>[0-9]{9}|[0-9]{6}|[0-9]{1,3}) )?
    (?: Z | (?P<zone>[+-](?:0[0-9]|1[0-4]):?(?:00|15|30|45)) )?
    (?![0-9])
    """,
    re.VERBOSE,
)
"""What the firmware of cameras makes of `YYYYmmddHHMMSS`, anywhere in a name. Serial numbers and
addresses have no such digits, for which all parts of a date and time would have to be right."""


def captured_at(stem: str) -> Millis:
    """Return when a picture was taken by its camera's clock, from its file's name without suffix.

    In order of preference: the text behind the last `_` in the project's own format
    (`20261121T090000125Z`) or ISO 8601; the last date and time that stands anywhere in the name;
    seconds or milliseconds since 1970. A clock may show any year; a number alone is a time only
    from 2000 to 2099, as otherwise it may be a serial number. Raises ValueError.
    """
    text = stem.rpartition("_")[2]
    for moment in (*_read_iso(text), *_read_calendar(stem), *_read_epoch(stem)):
        if FIRST_YEARS <= moment < LAST_YEARS:
            return moment
    raise ValueError("no date and time in it, such as 20261121T090000Z")


def _read_iso(text: str) -> Iterator[Millis]:
    try:
        yield parse_compact(text)
    except ValueError:
        if "T" not in text:
            return
        try:
            moment = datetime.fromisoformat(_CLOCK_WITH_DASHES.sub(r"\1:\2:\3", text))
        except ValueError:
            return
        yield from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _read_calendar(stem: str) -> Iterator[Millis]:
    """Yield all dates and times in a name, the last one first."""
    for found in reversed(list(_CALENDAR.finditer(stem))):
        year, month, day = (int(found[part]) for part in ("year", "month", "day"))
        hour, minute, second = (int(found[part]) for part in ("hour", "minute", "second"))
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"]))
        except ValueError:
            continue  # a month 13, or a minute 60
        yield Millis(from_datetime(moment) + _milliseconds(found["decimals"], found["digits"]))


def _zone(text: str | None) -> timezone:
    if not text:
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(int(f"{text[0]}1") * timedelta(hours=hours, minutes=minutes))


def _milliseconds(decimals: str | None, digits: str | None) -> int:
    """Return what stands behind the seconds.

    Three digits or fewer without a point are milliseconds, or the number of the picture within
    its second: they are read as the same, so that pictures keep their order.
    """
    if digits and len(digits) <= 3:
        return int(digits)
    return int(f"{decimals or digits or '':0<3}"[:3])


def _read_epoch(stem: str) -> Iterator[Millis]:
    if not (found := _EPOCH.search(stem)):
        return
    whole = int(found["whole"])
    is_seconds = whole * 1000 < LATEST  # as milliseconds this would be before March 1970
    at = whole * 1000 + _milliseconds(found["decimals"], None) if is_seconds else whole
    if EARLIEST <= at < LATEST:
        yield Millis(at)
