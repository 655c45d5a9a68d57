"""The record of `counts`: one label in one window of one camera."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from pycturestream.contracts.codec import Natural, Positive, reading
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.times import compact, parse_this_century, rfc3339, time_zone


class ZoneCountRecord(Struct, frozen=True):
    """How many entered or left a zone."""

    zone: str
    count: Natural


class LineCountRecord(Struct, frozen=True):
    """How many crossed a line, each way."""

    line: str
    crossed_in: Natural = field(name="in")
    crossed_out: Natural = field(name="out")


class CountRecord(Struct, frozen=True, kw_only=True):
    """One window. What has a default here may be missing: older programs did not write it."""

    id: str = ""
    run: str = ""
    revision: Natural
    camera_id: str
    site: str
    timezone: str = "UTC"
    label: str
    window_start: str
    window_end: str
    frames: Natural
    maximum: Natural = field(name="max")
    mean: Positive
    unique: Natural
    new: Natural | UnsetType = UNSET
    entered: tuple[ZoneCountRecord, ...]
    left: tuple[ZoneCountRecord, ...] = ()
    crossed: tuple[LineCountRecord, ...]


def count_record(count: WindowCount, run: str) -> CountRecord:
    return CountRecord(
        id=f"{count.camera_id}:{count.label}:{compact(count.window_start)}"
        f":{(count.window_end - count.window_start) // 1000}s",
        run=run,
        revision=count.revision,
        camera_id=count.camera_id,
        site=count.site,
        timezone=count.timezone,
        label=count.label,
        window_start=rfc3339(count.window_start),
        window_end=rfc3339(count.window_end),
        frames=count.frames,
        maximum=count.maximum,
        mean=round(count.mean, 3),
        unique=count.unique,
        new=count.new,
        entered=tuple(ZoneCountRecord(*each) for each in count.entered.items()),
        left=tuple(ZoneCountRecord(*each) for each in count.left.items()),
        crossed=tuple(
            LineCountRecord(line, count.crossed_in.get(line, 0), count.crossed_out.get(line, 0))
            for line in {**count.crossed_in, **count.crossed_out}
        ),
    )


def read_count(record: Mapping[str, Any]) -> WindowCount:
    """Return the count of a record, with defaults for what older programs did not write.

    Raises CodecError for what is no such record.
    """
    with reading():
        return as_count(msgspec.convert(record, CountRecord))


def as_count(read: CountRecord) -> WindowCount:
    """Return a record with its times as numbers. Raises ValueError for what is no such time."""
    time_zone(read.timezone)
    return WindowCount(
        camera_id=read.camera_id,
        site=read.site,
        timezone=read.timezone,
        label=read.label,
        window_start=parse_this_century(read.window_start),
        window_end=parse_this_century(read.window_end),
        frames=read.frames,
        maximum=read.maximum,
        mean=read.mean,
        unique=read.unique,
        new=read.unique if read.new is UNSET else read.new,
        entered={each.zone: each.count for each in read.entered},
        left={each.zone: each.count for each in read.left},
        crossed_in={each.line: each.crossed_in for each in read.crossed},
        crossed_out={each.line: each.crossed_out for each in read.crossed},
        revision=read.revision,
    )
