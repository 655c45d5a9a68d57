"""Alerts by HTTP: list them, and give commands about them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pycturestream.api.access import Reader, Writer
from pycturestream.api.models import Alert, Command, FalseAlarmReason, Reason, Time
from pycturestream.api.problems import responses
from pycturestream.contracts.alert_commands import alert_command_record

Json = dict[str, Any]

router = APIRouter(prefix="/api/alerts", tags=["alerts"])
# An id may contain slashes, so the paths with an action after it must be registered first.
_ONE = "/{alert_id:path}"


@router.get("", response_model=list[Alert])
def list_alerts(
    caller: Reader,
    camera: str | None = None,
    label: str | None = None,
    since: Time = None,
    until: Time = None,
    *,
    only_open: Annotated[bool, Query(alias="open")] = False,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 20,
) -> list[Json]:
    """List alerts by the time they were raised, the newest first."""
    scope = caller.scope(camera, since, until)
    return caller.service.alerts(scope, limit, label=label, only_open=only_open)


@router.post(f"{_ONE}/acknowledge", response_model=Command, responses=responses(404))
def acknowledge(caller: Writer, alert_id: str, body: Reason | None = None) -> Json:
    """Acknowledge an alert: no more messages about its updates, but one when it ends."""
    target, reason = caller.target(alert_id), body.reason if body else ""
    return alert_command_record(
        caller.service.acknowledge(target, caller.token.name, reason, caller.now)
    )


@router.delete(f"{_ONE}/acknowledge", status_code=204, responses=responses(404))
def take_back_acknowledge(caller: Writer, alert_id: str) -> None:
    """Take an acknowledgement back."""
    caller.service.take_back_acknowledge(caller.target(alert_id))


@router.post(f"{_ONE}/wrong", response_model=Command, responses=responses(404))
def mark_false(caller: Writer, alert_id: str, body: FalseAlarmReason) -> Json:
    """Mark an alert as a false alarm, and say why: no more messages about it."""
    target = caller.target(alert_id)
    return alert_command_record(
        caller.service.mark_false(target, caller.token.name, body.reason, caller.now)
    )


@router.delete(f"{_ONE}/wrong", status_code=204, responses=responses(404))
def take_back_false_alarm(caller: Writer, alert_id: str) -> None:
    """Take back that an alert was a false alarm."""
    caller.service.take_back_false_alarm(caller.target(alert_id))


@router.get(_ONE, response_model=Alert, responses=responses(404))
def one_alert(caller: Reader, alert_id: str) -> Json:
    """Return one alert as it is now. In an address, write the `#` of its id as `%23`."""
    return caller.alert(alert_id)
