"""A search for pictures as people write it: each field is a text, and becomes part of a query.

The command line and the HTTP application read it here, so that both mean the same by it.
"""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Final, TypeVar

from msgspec import Struct

from pycturestream.domain.frames.frame import LIVE, RUN_NAME_RULE, is_run_name
from pycturestream.domain.geometry import SECTOR_CENTERS, BoundingBox
from pycturestream.domain.search.moment import Moment, read_moment, weekday
from pycturestream.domain.search.order import KEYS, NEWEST_FIRST, Order
from pycturestream.domain.search.picture import SIDE_DIGITS, SIZE_DIGITS
from pycturestream.domain.search.query import (
    ALL_DAY,
    DAY_HOURS,
    EVERY_DAY,
    Hours,
    ObjectConditions,
    Query,
)
from pycturestream.domain.times import Millis, time_zone
from pycturestream.errors import UsageError

LEVELS: Final = {"notice": 1, "warning": 2, "danger": 3}
MOMENT_RULE: Final = (
    "write a duration ago, such as 30s, 10m, 2h or '3 days ago', a time by the cameras' clock, "
    "such as 'yesterday 20:00', 'sunday 06:00' or '2026-11-21 20:00', or one with its zone, such "
    "as 2026-11-21T09:00:00Z"
)
_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_SHOWN = 80
"""Characters of a wrong text that an error repeats."""

Value = TypeVar("Value")


class WordsError(UsageError):
    """A part of a search can't be read; the message is one line, without the name of the part."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        """The field of SearchWords."""


class SearchWords(Struct, frozen=True, kw_only=True):
    """What may be said of pictures; None says nothing. docs/search.md has the meanings."""

    camera: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    min_count: int | None = None
    max_count: int | None = None
    min_score: str | None = None
    max_score: str | None = None
    zone: str | None = None
    sector: str | None = None
    track: str | None = None
    min_size: str | None = None
    max_size: str | None = None
    inside: str | None = None
    level: str | None = None
    since: str | None = None
    until: str | None = None
    weekday: str | None = None
    hours: str | None = None
    timezone: str | None = None
    sort: str | None = None
    run: str = LIVE


class Search(Struct, frozen=True, kw_only=True):
    """What was read: a query, but for its times, which may need the clock of the cameras."""

    query: Query
    """Without `since` and `until`."""
    order: Order
    since: Moment | None
    until: Moment | None
    timezone: str
    """Whose clock times without a zone are by; empty: that of the cameras."""


def read_search(words: SearchWords, now: Millis) -> Search:
    """Return what is searched for. Raises WordsError for the first part that can't be read."""

    def part(name: str, read: Callable[[str], Value]) -> Value | None:
        text = getattr(words, name)
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise WordsError(name, str(error)) from error

    query = Query(
        run=part("run", run_name) or LIVE,
        cameras=words.camera,
        sites=words.site,
        weekdays=part("weekday", weekdays) or EVERY_DAY,
        hours=part("hours", hours) or ALL_DAY,
        labels=tuple(dict.fromkeys(words.label)),
        without=words.without,
        conditions=ObjectConditions(
            min_score=part("min_score", share),
            max_score=part("max_score", share),
            zone=words.zone,
            sector=part("sector", sector),
            track_id=words.track,
            min_size=part("min_size", share),
            max_size=part("max_size", share),
            inside=part("inside", rectangle),
        ),
        min_count=words.min_count,
        max_count=words.max_count,
        min_level=part("level", level),
    )
    return Search(
        query=query,
        order=part("sort", order) or NEWEST_FIRST,
        since=part("since", lambda text: moment(text, now)),
        until=part("until", lambda text: moment(text, now)),
        timezone=part("timezone", clock) or "",
    )


# Each of these raises ValueError with one line that says what is right.


def run_name(text: str) -> str:
    """Return the name of a run."""
    if not is_run_name(text):
        raise ValueError(f"{_short(text)}: {RUN_NAME_RULE}")
    return text


def moment(text: str, now: Millis) -> Moment:
    """Return a time as it was written, for read_search to place on a clock."""
    try:
        return read_moment(text, now)
    except ValueError as error:
        raise ValueError(f"{_short(text)} is not a time: {MOMENT_RULE}") from error


def weekdays(text: str) -> frozenset[int]:
    """Return the days of `sat`, `sunday` or `mon,tue`."""
    try:
        return frozenset(weekday(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise ValueError(f"{_short(str(error))}: write mon, tue, …, sun") from error


def hours(text: str) -> Hours:
    """Return the hours of `22-6`: from ten in the evening until just before six."""
    match = _HOURS.fullmatch(text)
    if not match or int(match[1]) >= DAY_HOURS or int(match[2]) > DAY_HOURS:
        raise ValueError(f"{_short(text)}: write 8-18 or 22-6, whole hours from 0 to 24")
    return Hours(int(match[1]), int(match[2]))


def level(text: str) -> int:
    """Return the number of a level that is given by its number or name."""
    number = LEVELS.get(text.lower()) or {str(each): each for each in LEVELS.values()}.get(text)
    if number is None:
        raise ValueError(f"{_short(text)}: write {', '.join(LEVELS)}, or 1 to 3")
    return number


def rectangle(text: str) -> BoundingBox:
    """Return the part of the picture that `0,0,0.5,1` gives: its left half."""
    try:
        sides = [round(float(side), SIDE_DIGITS) for side in text.split(",")]
        x_min, y_min, x_max, y_max = sides
    except ValueError:
        x_min = y_min = x_max = y_max = 0
    if not (0 <= x_min < x_max <= 1 and 0 <= y_min < y_max <= 1):
        raise ValueError(
            f"{_short(text)}: write left,top,right,bottom as shares of the picture, "
            "such as 0,0,0.5,1 for its left half"
        )
    return BoundingBox(x_min, y_min, x_max, y_max)


def sector(text: str) -> str:
    """Return a sector of this name."""
    if text in SECTOR_CENTERS:
        return text
    near = get_close_matches(text.lower(), SECTOR_CENTERS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SECTOR_CENTERS)}"
    raise ValueError(f"no sector {_short(text)!r} is known: {hint}")


def order(text: str) -> Order:
    """Return the order of `score` or, from the largest down, `-score`."""
    key = next((key for key in KEYS if key == text.removeprefix("-")), None)
    if key is None:
        raise ValueError(
            f"{_short(text)}: write one of {', '.join(KEYS)}; -score: the highest first"
        )
    return Order(key, descending=text.startswith("-"))


def clock(text: str) -> str:
    """Return the name of a time zone."""
    try:
        time_zone(text)
    except ValueError as error:
        raise ValueError(
            f"not a time zone: {_short(text)}: write a name such as Europe/Vienna"
        ) from error
    return text


def share(text: str) -> float:
    """Return a number from 0 to 1, to as many digits as are compared."""
    try:
        value = round(float(text), SIZE_DIGITS)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # NaN neither
        raise ValueError(f"{_short(text)} is no number from 0 to 1")
    return value


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
