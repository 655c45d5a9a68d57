"""Alerts by HTTP: what there is, and what people say of each."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pycturestream.api.access import Caller, Reader, Writer
from pycturestream.api.models import Alert, Command, FalseAlarmReason, Reason, Time
from pycturestream.api.problems import responses
from pycturestream.contracts.alert_commands import alert_command_record
from pycturestream.domain.alerts.alert_command import AlertCommand, CommandKind, alert_key

Json = dict[str, Any]

router = APIRouter(prefix="/api/alerts", tags=["alerts"])
# An id may hold anything; what is done with its alert stands behind it. Hence the order.
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
def acknowledge(caller: Writer, alert_id: str, said: Reason | None = None) -> Json:
    """Say that somebody looks after an alert: no mails of its updates, but of its end."""
    return _say(caller, "acknowledge", alert_id, said.reason if said else "")


@router.delete(f"{_ONE}/acknowledge", status_code=204, responses=responses(404))
def take_back_acknowledge(caller: Writer, alert_id: str) -> None:
    """Say that nobody looks after it any more."""
    _take_back(caller, "acknowledge", alert_id)


@router.post(f"{_ONE}/wrong", response_model=Command, responses=responses(404))
def wrong(caller: Writer, alert_id: str, said: FalseAlarmReason) -> Json:
    """Say that an alert was wrong, and why: no further mails of it."""
    return _say(caller, "wrong", alert_id, said.reason)


@router.delete(f"{_ONE}/wrong", status_code=204, responses=responses(404))
def take_back_false_alarm(caller: Writer, alert_id: str) -> None:
    """Say that it was not wrong."""
    _take_back(caller, "wrong", alert_id)


@router.get(_ONE, response_model=Alert, responses=responses(404))
def one_alert(caller: Reader, alert_id: str) -> Json:
    """Return one alert as it stands now. In an address the `#` of its id is written `%23`."""
    return caller.alert(alert_id)


def _say(caller: Caller, kind: CommandKind, alert_id: str, reason: str) -> Json:
    alert = caller.alert(alert_id)
    command = AlertCommand(
        kind,
        alert["camera_id"],
        by=caller.token.name,
        at=caller.now,
        alert_id=alert_id,
        rule=alert["rule"],
        reason=reason,
    )
    caller.service.say(command)
    return alert_command_record(command)


def _take_back(caller: Caller, kind: CommandKind, alert_id: str) -> None:
    caller.alert(alert_id)
    caller.service.take_back([alert_key(kind, alert_id)])
