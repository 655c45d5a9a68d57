"""The record of `alert-events`: what became of alerts, and how many there were on a day.

For dashboards and reports.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from pycturestream.contracts.codec import Natural
from pycturestream.domain.alerts.alert_event import AlertEvent, AlertEventName
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.reports.daily_rate import DailyRate, RateMark
from pycturestream.domain.times import parse_this_century, rfc3339

RATES_BY = "serve"
"""What writes rates: the process of the pages."""


class AlertEventRecord(Struct, frozen=True, kw_only=True):
    """An event. A rate is of a camera's day and no single alert: it has neither alert nor rule."""

    id: str
    run: str = LIVE
    revision: Natural
    camera_id: str
    at: str
    raised_at: str | UnsetType = UNSET
    """When the alert was raised; older programs wrote none."""
    event: AlertEventName | Literal["rate"]
    alert_id: str
    rule: str
    by: str
    taken_back: bool = False
    kind: str | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    delay_ms: Natural | UnsetType = UNSET
    """Only of the first message about an alert that had one of its own."""
    alerts: Natural | UnsetType = UNSET
    """Of a rate, as are all that follow."""
    hours: float | UnsetType = UNSET
    mark: RateMark | UnsetType = UNSET
    why: str | UnsetType = UNSET
    expected: float | UnsetType = UNSET


def check_alert_event(read: AlertEventRecord) -> None:
    """Raise ValueError where one of its times is none."""
    parse_this_century(read.at)
    if isinstance(read.raised_at, str):
        parse_this_century(read.raised_at)


def alert_event_record(event: AlertEvent) -> AlertEventRecord:
    return AlertEventRecord(
        id=event.id,
        revision=event.said_at,
        camera_id=event.camera_id,
        at=rfc3339(event.at),
        raised_at=UNSET if event.raised_at is None else rfc3339(event.raised_at),
        event=event.event,
        alert_id=event.alert_id,
        rule=event.rule,
        by=event.by,
        taken_back=event.taken_back,
        kind=event.kind or UNSET,
        channel=event.channel or UNSET,
        delay_ms=UNSET if event.delay_ms is None else event.delay_ms,
    )


def daily_rate_record(rate: DailyRate) -> AlertEventRecord:
    return AlertEventRecord(
        id=rate.id,
        revision=rate.said_at,
        camera_id=rate.camera_id,
        at=rfc3339(rate.at),
        event="rate",
        alert_id="",
        rule="",
        by=RATES_BY,
        alerts=rate.alerts,
        hours=rate.hours,
        mark=rate.mark,
        why=rate.why or UNSET,
        expected=UNSET if rate.expected is None else rate.expected,
    )
