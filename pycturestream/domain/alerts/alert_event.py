"""What became of an alert after it was raised: it was a false alarm, or somebody was notified."""

from typing import Literal

from msgspec import Struct

from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.alerts.alert_id import time_in_id
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.times import Millis

AlertEventName = Literal["false_alarm", "notified"]


class AlertEvent(Struct, frozen=True, kw_only=True):
    """One event; a later one with the same id replaces it."""

    id: str
    camera_id: str
    at: Millis
    said_at: Millis
    """When this was said of it, which grows: a false alarm may be taken back."""
    event: AlertEventName
    alert_id: str
    raised_at: Millis | None
    """When the alert was raised, or at least began; None where nothing says it."""
    rule: str
    by: str
    """Who marked the false alarm, or the recipient."""
    taken_back: bool = False
    kind: str = ""
    """Of a notification: raised, updated, cleared or digest."""
    channel: str = ""
    delay_ms: Millis | None = None
    """Of the first notification: from the moment in which the alert was raised."""


def false_alarm_event(command: AlertCommand, taken_back_at: Millis | None = None) -> AlertEvent:
    """Return the event of marking a false alarm, or of taking that back."""
    alert_id = command.alert_id or ""
    return AlertEvent(
        id=command.key,
        camera_id=command.camera_id,
        at=command.at,
        said_at=command.at if taken_back_at is None else max(taken_back_at, command.at + 1),
        event="false_alarm",
        alert_id=alert_id,
        raised_at=time_in_id(alert_id) if command.raised_at is None else command.raised_at,
        rule=command.rule or "",
        by=command.by,
        taken_back=taken_back_at is not None,
    )


def notified_event(
    alert: AlertRecord, *, message_id: str, kind: str, recipient: str, channel: str, at: Millis
) -> AlertEvent:
    """Return the event of a message about an alert that was accepted by its receiver."""
    return AlertEvent(
        id=f"notified:{message_id}:{channel}:{alert.id}",
        camera_id=alert.camera_id,
        at=at,
        said_at=at,
        event="notified",
        alert_id=alert.id,
        raised_at=alert.raised_at,
        rule=alert.rule,
        by=recipient,
        kind=kind,
        channel=channel,
        delay_ms=max(0, at - alert.raised_at) if kind == "raised" else None,
    )
