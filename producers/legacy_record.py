"""What a legacy client publishes: JSON `{image: base64 JPEG, timestamp: ISO 8601, camera_id}`.

Nothing in a record is trusted. Records above a size are not parsed, unknown fields are skipped
unread, and a record is rejected if one of the three fields is not what it should be.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pycturestream.domain.frames.admission import NO_CAMERA, Arrival, Rejected, reject
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import (
    DAY_MS,
    FIRST_YEARS,
    LAST_YEARS,
    Millis,
    from_datetime,
    from_local,
)

_FIELD_LIMIT = 32
"""Fields of a record, most of them unknown: room for what a client adds."""
_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)
"""What browsers put before the base64 of a picture."""
_AS_STANDARD = (("\n", ""), ("\r", ""), (" ", ""), ("\t", ""), ("-", "+"), ("_", "/"))
_SHOWN = 80
"""How many characters of a wrong value a detail quotes."""


@dataclass(frozen=True, slots=True)
class LegacyPicture:
    """A picture as a legacy client took it."""

    camera_id: str
    captured_at: Millis
    """By the client's clock."""
    jpeg: bytes


class _Record(msgspec.Struct):
    image: str
    timestamp: str
    camera_id: str


_RECORD = msgspec.json.Decoder(_Record)


def read_legacy_record(
    arrival: Arrival, zone: ZoneInfo, byte_limit: int
) -> LegacyPicture | Rejected:
    """Return the picture that a record holds, or why it can't be used.

    A time without a zone is in `zone`; if that hour comes twice, it is the one nearest to the
    arrival.
    """
    camera_id = NO_CAMERA
    try:
        record = _decode(arrival.value or b"", byte_limit)
        camera_id = _check_camera_id(record.camera_id)
        captured_at = _read_time(record.timestamp, zone, arrival.received_at)
        return LegacyPicture(camera_id, captured_at, _read_image(record.image))
    except Rejection as rejection:
        return reject(arrival, camera_id, rejection)


def _decode(value: bytes, byte_limit: int) -> _Record:
    if len(value) > byte_limit:
        raise Rejection("too-large", f"{len(value)} bytes, allowed {byte_limit}")
    try:
        # The names of the fields first: a decoder would silently take the last of two.
        names: set[str] = set()
        msgspec.json.decode(
            value, type=dict[_Name, msgspec.Raw], dec_hook=lambda _, name: _once(name, names)
        )
        return _RECORD.decode(value)
    except RecursionError as error:
        raise Rejection("bad-record", "nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejection("bad-record", f"{error}"[: 2 * _SHOWN]) from error


class _Name:
    """The name of a field, which the decoder passes to its hook."""


def _once(name: Any, names: set[str]) -> _Name:
    if name in names:
        raise ValueError(f"field {_shown(name)} is a duplicate")
    if len(names) == _FIELD_LIMIT:
        raise ValueError(f"more than {_FIELD_LIMIT} fields")
    names.add(name)
    return _Name()


def _check_camera_id(text: str) -> str:
    if not is_camera_id(text):
        raise Rejection("bad-camera-id", f"camera_id {_shown(text)}")
    return text


def _read_time(text: str, zone: ZoneInfo, arrived_at: Millis) -> Millis:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Rejection("bad-timestamp", f"timestamp {_shown(text)} is not ISO 8601") from error
    if "T" not in text and ":" not in text:
        raise Rejection("bad-timestamp", f"timestamp {_shown(text)} is a date without a time")
    at = from_datetime(moment) if moment.tzinfo else from_local(moment, zone, arrived_at)
    # Whatever a client's clock shows, even the year 1 of a program that was told no time: the job
    # corrects it by the arrival. The years only have to be those that a frame can have.
    return max(FIRST_YEARS, min(at, LAST_YEARS - DAY_MS))


def _read_image(text: str) -> bytes:
    if found := _DATA_URL.match(text):
        text = text[found.end() :]
    # MIME, and so Android, breaks base64 into lines; URLs have other signs, and no padding.
    for sign, standard in _AS_STANDARD:
        text = text.replace(sign, standard)
    text = text.rstrip("=")
    try:
        jpeg = a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise Rejection("bad-record", f"image is not base64: {error}") from error
    if not jpeg:
        raise Rejection("bad-record", "image is empty")
    return jpeg


def _shown(text: str) -> str:
    """Return an untrusted text in a form that is safe in a header and in a terminal."""
    return f"{text[:_SHOWN]!a}"
