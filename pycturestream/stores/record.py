"""A result record of the log, with what every store needs to know about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from pycturestream.contracts import topics
from pycturestream.domain.frames.frame import LIVE, is_camera_id
from pycturestream.domain.times import Millis, parse_rfc3339, rfc3339
from pycturestream.errors import DataError


class BadRecord(DataError):  # noqa: N818 - it names what is wrong, which is no fault of the program
    """No store can ever take this record. The message gives the reason."""


@dataclass(frozen=True, slots=True)
class Times:
    """The names of the two times of a kind of record."""

    changed: str
    """When its content became true: an older record never replaces a newer one."""
    filed: str
    """Decides the day whose index holds it; it never changes, so that revisions share one index."""


TIMES: Final[Mapping[str, Times]] = {
    topics.DETECTIONS: Times("captured_at", "captured_at"),
    topics.COUNTS: Times("window_end", "window_start"),
    topics.ALERTS: Times("updated_at", "raised_at"),
    topics.NARRATIONS: Times("captured_at", "captured_at"),
    topics.CAMERA_EVENTS: Times("at", "at"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a result topic."""

    topic: str
    id: str
    run: str
    camera_id: str
    changed_at: Millis
    filed_at: Millis
    revision: int | None
    fields: Mapping[str, Any]
    """All of it, decoded: what stores decide by."""
    value: bytes
    """All of it, as JSON on one line: what stores keep."""

    @property
    def live(self) -> bool:
        return self.run == LIVE


def decode_result(topic: str, value: bytes | None) -> Record:
    """Return the record that a message of a result topic holds.

    Only what stores rely on is checked: the tests of the jobs that write the log hold every
    record against the schemas. Raises BadRecord.
    """
    if topic not in TIMES:
        raise BadRecord(f"{topic} is no result topic")
    try:
        fields = msgspec.json.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRecord(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BadRecord("not a JSON object")
    camera_id = _text(fields, "camera_id")
    if not is_camera_id(camera_id):
        raise BadRecord(f"camera_id: {camera_id!r} can't name a camera")
    revision = fields.get("revision")
    if revision is not None and (type(revision) is not int or revision < 0):
        raise BadRecord(f"revision: {revision!r} is not a whole number from 0")
    times = TIMES[topic]
    return Record(
        topic=topic,
        id=_text(fields, "id"),
        run=_text(fields, "run"),
        camera_id=camera_id,
        changed_at=_time(fields, times.changed),
        filed_at=_time(fields, times.filed),
        revision=revision,
        fields=fields,
        value=_on_one_line(value or b""),
    )


def _on_one_line(value: bytes) -> bytes:
    """Return JSON without line breaks: Elasticsearch takes a line for a record.

    They can only stand between its parts, because the decoder rejects them within a text.
    """
    return value.replace(b"\n", b" ") if b"\n" in value else value


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str) or not text:
        raise BadRecord(f"{name}: {text!r} is no text")
    return text


def _time(fields: Mapping[str, Any], name: str) -> Millis:
    """Return a time; only the one spelling whose order as text is its order in time."""
    text = _text(fields, name)
    try:
        at = parse_rfc3339(text)
    except ValueError as error:
        raise BadRecord(f"{name}: {text!r} is no time") from error
    if rfc3339(at) != text:
        raise BadRecord(f"{name}: {text!r} is not written like {rfc3339(at)}")
    return at
