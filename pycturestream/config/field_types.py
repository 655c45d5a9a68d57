"""Types of values that cameras.yaml and recipients.yaml have in common."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from pycturestream.domain.cameras.schedule import DAY_MINUTES, FromMinute, ToMinute
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import time_zone


def bounds_of(kind: Any, *, per: int = 1) -> Any:
    """Return the bounds of a number's type in the domain, such as `Fps`, as those of a field.

    `per` is how many of the domain's units make one of the field's: 1000 for milliseconds that a
    file writes in seconds.
    """
    (bounds,) = kind.__metadata__
    values = {name: getattr(bounds, name) for name in ("gt", "ge", "lt", "le")}
    return Field(
        **{
            name: value if per == 1 else value / per
            for name, value in values.items()
            if value is not None
        }
    )


def _check_camera_id(text: str) -> str:
    if not is_camera_id(text):
        raise PydanticCustomError(
            "camera_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -, starting with a letter or digit"
        )
    return text


def _check_timezone(name: str) -> str:
    try:
        time_zone(name)
    except ValueError as error:
        raise PydanticCustomError("timezone", "must be a name such as Europe/Berlin") from error
    return name


def _check_name(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("name", "must be printable")
    return text


def _read_time_of_day(value: object) -> object:
    """Return the minute of the day of a time such as 22:00 or 7:30; 24:00 is 1440."""
    clock = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00", str(value))
    if not clock:
        raise PydanticCustomError("clock", 'must be a time of the day such as "22:00"')
    return int(clock[1]) * 60 + int(clock[2]) if clock[1] else DAY_MINUTES


def _read_end(value: object) -> object:
    """Take midnight as the end of the day also where it is written as the beginning of one."""
    return _read_time_of_day(value) or DAY_MINUTES


CameraId = Annotated[str, AfterValidator(_check_camera_id)]
Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_check_name)]
TimeZone = Annotated[str, AfterValidator(_check_timezone)]
Begin = Annotated[int, BeforeValidator(_read_time_of_day), bounds_of(FromMinute)]
"""Minutes since midnight at which a period of the day begins."""
End = Annotated[int, BeforeValidator(_read_end), bounds_of(ToMinute)]
"""Minutes since midnight at which it ends."""
