"""Points in time as people say them: `2h`, `yesterday 20:00`, `2026-11-21 20:00`, RFC 3339."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from msgspec import Struct

from pycturestream.domain.times import (
    DAY_MS,
    EARLIEST,
    LATEST,
    Millis,
    from_datetime,
    parse_duration,
    parse_moment,
    time_zone,
    to_local,
)

WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_AGO = re.compile(r"(?:last )?([0-9]{1,9}) ?(second|minute|hour|day|week)s?(?: ago)?")
_LOCAL = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+)"
    r"(?: (?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?"
)

End = Literal["since", "until"]


class Moment(Struct, frozen=True):
    """A point in time as it was given."""

    def at(self, now: Millis, timezone: str, end: End) -> Millis:
        """Return the moment; `timezone` is whose clock a time without a zone is by.

        Raises ValueError for a time zone that is unknown, and for times out of this century.
        """
        raise NotImplementedError


class ExactTime(Moment, frozen=True):
    """A time that is the same everywhere."""

    moment: Millis

    def at(self, now: Millis, timezone: str, end: End) -> Millis:
        del now, timezone, end
        return self.moment


class LocalTime(Moment, frozen=True):
    """A time without a zone: it depends on whose clock is meant."""

    day: date | int
    """A date, or an ISO weekday: the last such day, which may be today; 0 today, -1 yesterday."""
    clock: time = time()

    def at(self, now: Millis, timezone: str, end: End) -> Millis:
        # A clock is changed twice a year: an hour comes twice, another one never. Of the two
        # readings the one is taken with which the time that begins or ends here is the longer.
        zone = time_zone(timezone)
        naive = datetime.combine(self._date(to_local(now, timezone).date()), self.clock)
        readings = [from_datetime(naive.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)]
        moment = min(readings) if end == "since" else max(readings)
        if not EARLIEST <= moment < LATEST:
            raise ValueError(f"not from 2000 to 2099: {naive}")
        return moment

    def _date(self, today: date) -> date:
        if isinstance(self.day, date):
            return self.day
        if self.day < 1:
            return today + timedelta(days=self.day)
        return today - timedelta(days=(today.isoweekday() - self.day) % 7)


def read_moment(text: str, now: Millis) -> Moment:
    """Return what a text says: an ExactTime, or a LocalTime, which has no zone.

    ValueError for a text that is no time, or not in this century.
    """
    words = " ".join(text.lower().split())
    if words == "now":
        return ExactTime(now)
    if ago := _AGO.fullmatch(words):
        number, unit = int(ago[1]), ago[2]
        span = 7 * DAY_MS * number if unit == "week" else parse_duration(f"{number}{unit[0]}")
        return ExactTime(_in_this_century(now - span, text))
    local = _LOCAL.fullmatch(words.replace("t", " ") if words[:1].isdigit() else words)
    if not local:
        return ExactTime(parse_moment(text, now))
    clock = time.fromisoformat(local["clock"] or "00:00")
    return LocalTime(_day(local["day"]), clock)


def _day(word: str) -> date | int:
    if word[0].isdigit():
        day = date.fromisoformat(word)
        if not 2000 <= day.year < 2100:
            raise ValueError(f"not from 2000 to 2099: {word}")
        return day
    if word in {"today", "yesterday"}:
        return 0 if word == "today" else -1
    return weekday(word)


def weekday(word: str) -> int:
    """Return the ISO number of `sat` or `saturday`; ValueError for what is no weekday."""
    for number, name in enumerate(WEEKDAYS, 1):
        if len(word) >= 3 and name.startswith(word.lower()):
            return number
    raise ValueError(f"not a day of the week: {word}")


def _in_this_century(at: Millis, text: str) -> Millis:
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"not from 2000 to 2099: {text}")
    return at
