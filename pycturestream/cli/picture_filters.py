"""The options of `find` that say what must be true of a picture, and what they are read by."""

import re
from difflib import get_close_matches
from typing import Annotated, Final

import typer

from pycturestream.domain.geometry import SECTOR_CENTERS, BoundingBox
from pycturestream.domain.search.moment import weekday
from pycturestream.domain.search.order import KEYS, Order
from pycturestream.domain.search.picture import SIDE_DIGITS, SIZE_DIGITS
from pycturestream.domain.search.query import DAY_HOURS, Hours
from pycturestream.domain.times import time_zone
from pycturestream.errors import UsageError

LEVELS: Final = {"notice": 1, "warning": 2, "danger": 3}
_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")


def weekdays(text: str) -> frozenset[int]:
    """Return the days of `sat`, `sunday` or `mon,tue`."""
    try:
        return frozenset(weekday(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise UsageError(f"--weekday: {error}: write mon, tue, …, sun") from error


def hours(text: str) -> Hours:
    """Return the hours of `22-6`: from ten in the evening until just before six."""
    match = _HOURS.fullmatch(text)
    if not match or int(match[1]) >= DAY_HOURS or int(match[2]) > DAY_HOURS:
        raise UsageError(f"--hours {text}: write 8-18 or 22-6, whole hours from 0 to 24")
    return Hours(int(match[1]), int(match[2]))


def level(text: str) -> int:
    """Return the number of a level that is given by its number or name."""
    number = LEVELS.get(text.lower()) or {str(each): each for each in LEVELS.values()}.get(text)
    if number is None:
        raise UsageError(f"--level {text}: write {', '.join(LEVELS)}, or 1 to 3")
    return number


def rectangle(text: str) -> BoundingBox:
    """Return the part of the picture that `0,0,0.5,1` gives: its left half."""
    try:
        sides = [round(float(side), SIDE_DIGITS) for side in text.split(",")]
        x_min, y_min, x_max, y_max = sides
    except ValueError:
        sides, x_min, y_min, x_max, y_max = [], 0, 0, 0, 0
    if not (0 <= x_min < x_max <= 1 and 0 <= y_min < y_max <= 1):
        raise UsageError(
            f"--inside {text}: write left,top,right,bottom as shares of the picture, "
            "such as 0,0,0.5,1 for its left half"
        )
    return BoundingBox(x_min, y_min, x_max, y_max)


def sector(text: str) -> str:
    """Return a sector of this name."""
    if text in SECTOR_CENTERS:
        return text
    near = get_close_matches(text.lower(), SECTOR_CENTERS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SECTOR_CENTERS)}"
    raise UsageError(f"--sector: no sector {text!r} is known: {hint}")


def order(text: str) -> Order:
    """Return the order of `score` or, from the largest down, `-score`."""
    key = next((key for key in KEYS if key == text.removeprefix("-")), None)
    if key is None:
        raise UsageError(
            f"--sort {text}: write one of {', '.join(KEYS)}; -score: the highest first"
        )
    return Order(key, descending=text.startswith("-"))


def clock(text: str) -> str:
    """Return the name of a time zone."""
    try:
        time_zone(text)
    except ValueError as error:
        raise UsageError(f"--timezone: {error}: write a name such as Europe/Vienna") from error
    return text


def share(text: str) -> float:
    """Return a number from 0 to 1, to as many digits as are compared."""
    try:
        value = round(float(text), SIZE_DIGITS)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # NaN neither
        raise UsageError(f"{text} is no number from 0 to 1")
    return value


Cameras = Annotated[
    list[str] | None,
    typer.Option("--camera", help="Of this camera; repeated: of any of these."),
]
Sites = Annotated[
    list[str] | None,
    typer.Option("--site", help="Of a camera of this site; repeated: of any of these."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="With this label, such as person; repeated: with each of these."),
]
Without = Annotated[
    list[str] | None, typer.Option(help="Without this label; repeated: without any of these.")
]
MinCount = Annotated[
    int | None, typer.Option(min=1, help="At least this many (of each label) in the picture.")
]
MaxCount = Annotated[
    int | None, typer.Option(min=0, help="At most this many (of each label) in the picture.")
]
MinScore = Annotated[
    float | None,
    typer.Option(parser=share, metavar="SCORE", help="An object (of the label) at least so sure."),
]
MaxScore = Annotated[
    float | None,
    typer.Option(parser=share, metavar="SCORE", help="An object (of the label) at most so sure."),
]
Zone = Annotated[str | None, typer.Option(help="An object (of the label) in this zone.")]
Sector = Annotated[
    str | None,
    typer.Option(
        parser=sector, metavar="NAME", help="An object (of the label) in this sector: 'top left'."
    ),
]
Track = Annotated[str | None, typer.Option(metavar="ID", help="The object of this track.")]
MinSize = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="SHARE",
        help="An object (of the label) whose box takes at least this share of the picture: 0.05.",
    ),
]
MaxSize = Annotated[
    float | None,
    typer.Option(parser=share, metavar="SHARE", help="The same, at most this share."),
]
Inside = Annotated[
    BoundingBox | None,
    typer.Option(
        parser=rectangle,
        metavar="LEFT,TOP,RIGHT,BOTTOM",
        help="An object (of the label) in this part of the picture: 0,0,0.5,1.",
    ),
]
MinLevel = Annotated[
    int | None,
    typer.Option(
        parser=level,
        metavar="LEVEL",
        help="With a threat of this level or above: notice, warning, danger.",
    ),
]
Weekdays = Annotated[
    frozenset[int] | None,
    typer.Option(
        "--weekday",
        parser=weekdays,
        metavar="DAYS",
        help="On these days of the week, by the camera's clock: sat,sun.",
    ),
]
HoursOfDay = Annotated[
    Hours | None,
    typer.Option(
        "--hours",
        parser=hours,
        metavar="FROM-TO",
        help="In these hours, by the camera's clock: 8-18, or 22-6, which begins on --weekday.",
    ),
]
Clock = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        parser=clock,
        metavar="NAME",
        help="Whose clock --since, --until and the table are by, such as Europe/Vienna. "
        "Default: that of the cameras.",
    ),
]
Sort = Annotated[
    Order | None,
    typer.Option(
        parser=order,
        metavar="KEY",
        show_default="-captured",
        help="By captured, camera, count, score, size or level; -score: the highest first.",
    ),
]
