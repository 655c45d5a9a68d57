"""The alert rates of one camera, as the API and the command line report them; on no topic."""

from typing import Any

import msgspec
from msgspec import Struct

from pycturestream.domain.reports.alert_rates import CameraRate, Mark
from pycturestream.domain.times import rfc3339


class DayRecord(Struct, frozen=True):
    """The alerts of 24 hours, and for how many of them the camera was seen."""

    start: str
    alerts: int
    hours: float


class AlertRateRecord(Struct, frozen=True):
    """The alerts of one camera in a period."""

    camera_id: str
    alerts: int
    hours: float
    per_day: float | None
    per_hour: float | None
    marks: tuple[Mark, ...]
    days: tuple[DayRecord, ...]


def alert_rate_record(rate: CameraRate) -> dict[str, Any]:
    days = tuple(
        DayRecord(rfc3339(day.start), day.alerts, round(day.hours, 3)) for day in rate.days
    )
    record: dict[str, Any] = msgspec.to_builtins(
        AlertRateRecord(
            rate.camera_id,
            rate.alerts,
            round(rate.hours, 3),
            rate.per_day,
            rate.per_hour,
            rate.marks,
            days,
        )
    )
    return record
