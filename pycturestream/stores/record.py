"""A result record of the log, with what every store needs to know about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from pycturestream.contracts import topics
from pycturestream.contracts.codec import CodecError, decode_json
from pycturestream.contracts.results import check_result
from pycturestream.domain.alerts.alert_id import time_in_id
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import LIVE, is_camera_id, is_run_name
from pycturestream.domain.times import DAY_MS, Millis, parse_this_century, rfc3339
from pycturestream.errors import DataError


class BadRecord(DataError):  # noqa: N818 - it names what is wrong, which is no fault of the program
    """No store can ever take this record. The message gives the reason."""


ID_BYTES: Final = 512
"""Elasticsearch takes no longer id, and rejects the whole request."""
DEPTH_LIMIT: Final = 100
"""Records need three levels. About 990 can be decoded, but not encoded again, nor read by every
reader of a store."""
REVISION_LIMIT: Final = 2**53 - 1
"""Beyond it Redis and Elasticsearch can't tell one whole number from the next."""
_JSON: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Times:
    """The names of the two times of a kind of record."""

    changed: str
    """When its content became true: an older record never replaces a newer one."""
    filed: str
    """Decides the day whose index holds it; it never changes, so that revisions share one index."""
    filed_before: str = ""
    """Decides it for the records of older programs, which lack the former."""

    @property
    def in_all(self) -> str:
        """The time that the records of all programs have, to sort by."""
        return self.filed_before or self.filed


TIMES: Final[Mapping[str, Times]] = {
    topics.DETECTIONS: Times("captured_at", "captured_at"),
    topics.COUNTS: Times("window_end", "window_start"),
    topics.ALERTS: Times("updated_at", "raised_at"),
    topics.NARRATIONS: Times("captured_at", "captured_at"),
    topics.CAMERA_EVENTS: Times("at", "at"),
    topics.ARCHIVED: Times("updated_at", "captured_at"),
    topics.ALERT_EVENTS: Times("at", "raised_at", "at"),
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
    erased: bool = False
    """It must not be kept, nor what a store keeps of it from before."""

    @property
    def live(self) -> bool:
        return self.run == LIVE

    @property
    def spans(self) -> tuple[tuple[Millis, Millis], ...]:
        """The first and the last moment of each time that it tells of."""
        match self.topic:
            case topics.ARCHIVED:  # of the picture, whenever it was archived
                return ((self.filed_at, self.filed_at),)
            case topics.COUNTS:  # a window ends where the next one begins
                return ((self.filed_at, self.changed_at - 1),)
            case topics.ALERT_EVENTS if self.fields.get("event") == "rate":  # of a whole day
                return ((self.changed_at, self.changed_at + DAY_MS - 1),)
            case topics.ALERT_EVENTS:
                # Not of what was between them: somebody may say days later what an alert was.
                raised_at = event_raised_at(self.fields)
                said = (self.changed_at, self.changed_at)
                return (said,) if raised_at is None else ((raised_at, raised_at), said)
            case _:  # of an alert until its last change so far
                return ((self.filed_at, self.changed_at),)

    def is_erased(self, erasures: Erasures) -> bool:
        """Whether any moment that it tells of is erased."""
        return any(erasures.touches(self.camera_id, *span) for span in self.spans)


def event_raised_at(fields: Mapping[str, Any]) -> Millis | None:
    """Return when the alert of an alert-events record was raised, as far as the record tells.

    Those of older programs have only the time in the alert's id.
    """
    text = fields.get(TIMES[topics.ALERT_EVENTS].filed)
    if text is None:
        return time_in_id(str(fields.get("alert_id", "")))
    return parse_this_century(text)


def decode_result(topic: str, value: bytes | None) -> Record:
    """Return the record that a message of a result topic holds.

    What stores rely on is checked here, the rest by `require_form`. Raises BadRecord.
    """
    if topic not in TIMES:
        raise BadRecord(f"{topic} is no result topic")
    fields = _object(value or b"")
    camera_id = _text(fields, "camera_id")
    if not is_camera_id(camera_id):
        raise BadRecord(f"camera_id: {_shown(camera_id)} can't name a camera")
    record_id, run = _text(fields, "id"), _text(fields, "run")
    if len(record_id.encode()) > ID_BYTES:
        raise BadRecord(f"id: longer than {ID_BYTES} bytes")
    if not is_run_name(run):
        raise BadRecord(f"run: {_shown(run)} can't name a run")
    revision = fields.get("revision")
    if revision is not None and (type(revision) is not int or not 0 <= revision <= REVISION_LIMIT):
        raise BadRecord(
            f"revision: {_shown(revision)} is no whole number from 0 to {REVISION_LIMIT}"
        )
    times = TIMES[topic]
    return Record(
        topic=topic,
        id=record_id,
        run=run,
        camera_id=camera_id,
        changed_at=_time(fields, times.changed),
        filed_at=_time(fields, times.filed if times.filed in fields else times.in_all),
        revision=revision,
        fields=fields,
        value=_on_one_line(value or b""),
    )


def require_form(record: Record) -> None:
    """Raise BadRecord for what is no record of its topic: no reader of a store shall find it."""
    try:
        check_result(record.topic, record.fields)
    except CodecError as error:
        raise BadRecord(str(error)) from error


def _object(value: bytes) -> Mapping[str, Any]:
    try:
        fields = decode_json(_JSON, value)
    except CodecError as error:
        raise BadRecord(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BadRecord("not a JSON object")
    # Nothing can be nested more deeply than there are brackets, which are counted much faster.
    if value.count(b"{") + value.count(b"[") > DEPTH_LIMIT and _is_deep(fields):
        raise BadRecord(f"nested more than {DEPTH_LIMIT} levels deep")
    return fields


def _is_deep(value: object) -> bool:
    """Whether there are more than DEPTH_LIMIT levels; without recursion, which has a limit too."""
    level: list[Any] = [value]
    for _ in range(DEPTH_LIMIT):
        parts = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for each in parts for part in each if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def _shown(value: object) -> str:
    """Return a foreign value in a form that is safe in a header and in a log."""
    return ascii(value)[:80]


def _on_one_line(value: bytes) -> bytes:
    """Return JSON without line breaks: Elasticsearch takes a line for a record.

    They can only stand between its parts, because the decoder rejects them within a text.
    """
    return value.replace(b"\n", b" ") if b"\n" in value else value


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str) or not text:
        raise BadRecord(f"{name}: {_shown(text)} is no text")
    return text


def _time(fields: Mapping[str, Any], name: str) -> Millis:
    """Return a time; only the one spelling whose order as text is its order in time."""
    text = _text(fields, name)
    try:
        at = parse_this_century(text)
    except ValueError as error:
        raise BadRecord(f"{name}: {_shown(text)} is no time") from error
    if rfc3339(at) != text:
        raise BadRecord(f"{name}: {_shown(text)} is not written like {rfc3339(at)}")
    return at
