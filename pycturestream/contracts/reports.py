"""The rows of a report's charts, as the API, CSV files and the file of a report have them.

Times are RFC 3339. Days and hours are those of the camera's own clock. Null, in CSV nothing: not
seen, and so not known.
"""

from collections.abc import Iterable
from typing import Any

from pycturestream.domain.reports.alert_rates import CameraRate
from pycturestream.domain.reports.attendance import DayCame, HourCame
from pycturestream.domain.reports.camera_health import CameraHealth
from pycturestream.domain.reports.common_labels import CommonLabel
from pycturestream.domain.reports.hours_of_week import WeekHour
from pycturestream.domain.reports.tallies import CameraPlace, LineTally
from pycturestream.domain.reports.timeline import Timeline
from pycturestream.domain.times import Millis, rfc3339

Row = dict[str, Any]
"""The names of columns are those of fields of records, where there are such fields."""


def camera_rows(cameras: Iterable[CameraPlace]) -> list[Row]:
    return [
        {"camera_id": one.camera_id, "site": one.site, "timezone": one.timezone} for one in cameras
    ]


def timeline_rows(one: Timeline) -> list[Row]:
    """Return the most at once of each label in each step."""
    return [
        {"camera_id": one.camera_id, "label": label, "start": rfc3339(start), "max": number}
        for label, numbers in one.most.items()
        for start, number in zip(one.starts, numbers, strict=True)
    ]


def label_rows(labels: Iterable[CommonLabel]) -> list[Row]:
    return [
        {
            "camera_id": one.camera_id,
            "label": one.label,
            "different": one.different,
            "share": round(one.share, 4),
        }
        for one in labels
    ]


def hour_rows(hours: Iterable[HourCame]) -> list[Row]:
    return [{"day": one.day, "hour": one.hour, "different": one.different} for one in hours]


def day_rows(days: Iterable[DayCame]) -> list[Row]:
    return [{"day": one.day, "different": one.different} for one in days]


def line_rows(lines: Iterable[LineTally]) -> list[Row]:
    return [
        {
            "camera_id": one.camera_id,
            "line": one.line,
            "day": one.day,
            "in": one.crossed_in,
            "out": one.crossed_out,
        }
        for one in lines
    ]


def week_hour_rows(hours: Iterable[WeekHour]) -> list[Row]:
    return [
        {
            "weekday": one.weekday,
            "hour": one.hour,
            "hours_seen": round(one.hours_seen, 3),
            "different": one.different,
            "different_per_hour": None if one.an_hour is None else round(one.an_hour, 3),
        }
        for one in hours
    ]


def rate_rows(rates: Iterable[CameraRate]) -> list[Row]:
    """Return the alerts of each camera; of several marks the first one's words."""
    rows = []
    for rate in rates:
        mark = rate.marks[0] if rate.marks else None
        rows.append(
            {
                "camera_id": rate.camera_id,
                "alerts": rate.alerts,
                "hours_seen": round(rate.hours, 3),
                "alerts_per_day": None if rate.per_day is None else round(rate.per_day, 3),
                "mark": {"above": "too many", "below": "too few"}[mark.direction] if mark else "",
                "expected": round(mark.expected, 3) if mark else None,
                "why": "; ".join(one.why for one in rate.marks),
            }
        )
    return rows


def alert_rows(alerts: Iterable[Row]) -> list[Row]:
    """Return alerts, as `alert_with_commands` makes them."""
    fields = ("id", "raised_at", "camera_id", "rule", "level", "label", "state", "reason")
    return [
        {name: alert[name] for name in fields}
        | {
            "false_alarm_by": alert["wrong"]["by"] if alert["wrong"] else None,
            "false_alarm_because": alert["wrong"]["reason"] if alert["wrong"] else None,
        }
        for alert in alerts
    ]


def health_rows(found: Iterable[CameraHealth]) -> list[Row]:
    """Return the state of each camera; every reason that any camera has is a column of all."""
    found = list(found)
    dropped = sorted({reason for one in found for reason in one.account.dropped})
    rejected = sorted({reason for one in found for reason in one.account.dead_letters})
    return [
        {
            "camera_id": one.camera_id,
            "state": one.state,
            "state_since": _time(one.changed_at),
            "last_result_at": _time(one.last_result_at),
            "last_result_age_s": None if one.age_ms is None else one.age_ms // 1000,
            "received": one.account.received,
            "processed": one.account.processed,
            **{f"dropped.{reason}": one.account.dropped.get(reason, 0) for reason in dropped},
            **{
                f"dead_letters.{reason}": one.account.dead_letters.get(reason, 0)
                for reason in rejected
            },
        }
        for one in found
    ]


def _time(at: Millis | None) -> str | None:
    return None if at is None else rfc3339(at)
