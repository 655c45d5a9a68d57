"""The record of `alerts`: one per change of an alert."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from pycturestream.contracts.codec import CodecError, Natural, decode_json, reading
from pycturestream.domain.alerts.alert import AlertChange, AlertState
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.alerts.facts import Facts
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import parse_this_century, rfc3339, time_zone


class AlertChangeRecord(Struct, frozen=True, kw_only=True):
    """An `AlertRecord` with its times as text. What has a default may be missing."""

    id: str
    run: str
    revision: Natural
    state: AlertState
    camera_id: str
    site: str = ""
    rule: str
    level: Level
    label: str | None = None
    zones: tuple[str, ...] = ()
    track_ids: tuple[str, ...] = ()
    raised_at: str
    updated_at: str
    cleared_at: str | None
    reason: str
    frame_id: str | None = None
    count: Natural = 1
    facts: Facts | None = None


_DECODER = msgspec.json.Decoder(AlertChangeRecord)


def alert_record(change: AlertChange, run: str) -> AlertChangeRecord:
    alert = change.alert
    return AlertChangeRecord(
        id=alert.alert_id,
        run=run,
        revision=alert.revision,
        state=change.state,
        camera_id=change.camera_id,
        site=change.site,
        rule=alert.rule,
        level=alert.level,
        label=alert.label,
        zones=alert.zones,
        track_ids=alert.track_ids,
        raised_at=rfc3339(alert.raised_at),
        updated_at=rfc3339(change.at),
        cleared_at=rfc3339(change.at) if change.state == "cleared" else None,
        reason=alert.reason,
        frame_id=alert.frame_id,
        count=alert.count,
        facts=alert.facts,
    )


def decode_alert(data: bytes) -> AlertRecord:
    """Raise CodecError for bytes that are no record of `alerts`."""
    return as_alert(decode_json(_DECODER, data))


def read_alert(record: Mapping[str, Any]) -> AlertRecord:
    """Return an alert from a record that has been decoded, such as a hit of a search.

    Raises CodecError for what is no record of `alerts`.
    """
    with reading():
        read = msgspec.convert(record, AlertChangeRecord)
    return as_alert(read)


def as_alert(read: AlertChangeRecord) -> AlertRecord:
    """Return a record with its times as numbers. Raises CodecError for what is no such time."""
    with reading():
        times = {
            "raised_at": parse_this_century(read.raised_at),
            "updated_at": parse_this_century(read.updated_at),
            "cleared_at": None if read.cleared_at is None else parse_this_century(read.cleared_at),
        }
    if not is_camera_id(read.camera_id):
        raise CodecError(f"camera_id: {read.camera_id[:80]!a} can't name a camera")
    with reading():
        _check_facts(read.facts)
    return AlertRecord(**{**asdict(read), **times})


def _check_facts(facts: Facts | None) -> None:
    """Raise ValueError for what can't be worded: a time or a time zone that is none."""
    if facts is None:
        return
    parse_this_century(facts.since)
    if facts.seen_until:
        parse_this_century(facts.seen_until)
    time_zone(facts.timezone)
    if facts.period and facts.period.timezone:
        time_zone(facts.period.timezone)
