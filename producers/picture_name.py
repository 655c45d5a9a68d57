"""The names of picture files: `id_timestamp.jpg`, in UTC if they have no zone."""

import re
from datetime import UTC, datetime

from pycturestream.domain.times import EARLIEST, LATEST, Millis, from_datetime, parse_compact

_EPOCH = re.compile(r"[0-9]{9,13}(\.[0-9]{1,9})?")
_CLOCK_WITH_DASHES = re.compile(r"(?<=T)(\d\d)-(\d\d)-(\d\d)(?=$|[.,Z+-])")
"""`09-00-00`: what people write if a file system forbids colons."""


def captured_at(stem: str) -> Millis:
    """Return when a picture was taken, from its file's name without suffix.

    The time after the last `_` is in the project's own format (`20261121T090000125Z`), seconds or
    milliseconds since 1970, or ISO 8601, basic or extended. Raises ValueError.
    """
    identity, _, text = stem.rpartition("_")
    if not identity:
        raise ValueError(f"{stem}: expected id_timestamp")
    moment = _read(text)
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"{text}: not a time from 2000 to 2099")
    return moment


def _read(text: str) -> Millis:
    if _EPOCH.fullmatch(text):
        whole, _, fraction = text.partition(".")
        if int(whole) * 1000 < LATEST:  # as milliseconds this would be before March 1970
            return Millis(int(whole) * 1000 + int(f"{fraction:0<3}"[:3]))
        return Millis(int(whole))
    try:
        return parse_compact(text)
    except ValueError:
        return _read_iso(text)


def _read_iso(text: str) -> Millis:
    moment = datetime.fromisoformat(_CLOCK_WITH_DASHES.sub(r"\1:\2:\3", text))
    if "T" not in text:
        raise ValueError(f"{text}: a date without a time")
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
