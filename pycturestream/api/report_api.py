"""Reports on alerts: their rates, and the false alarms."""

from typing import Any

from fastapi import APIRouter

from pycturestream.api.access import Reader
from pycturestream.api.models import FalseAlarms, Rate, Time
from pycturestream.contracts.alert_rates import alert_rate_record
from pycturestream.domain.reports.alert_rates import DEFAULT_PERIOD_MS
from pycturestream.domain.reports.false_alarm import false_alarm_record, suggestion_record

Json = dict[str, Any]

router = APIRouter(prefix="/api", tags=["reports"])


@router.get("/rates", response_model=list[Rate])
def rates(
    caller: Reader, camera: str | None = None, since: Time = None, until: Time = None
) -> list[Json]:
    """Return the number of alerts of each camera, marked where there are too many or too few.

    By default for the last seven days. A camera is compared with all others, also with those that
    the token is not for.
    """
    scope = caller.scope(camera, since, until)
    end = caller.now if scope.until is None else scope.until
    begin = end - DEFAULT_PERIOD_MS if scope.since is None else scope.since
    return [
        alert_rate_record(rate)
        for rate in caller.service.rates(begin, end)
        if caller.token.covers(rate.camera_id) and camera in {None, rate.camera_id}
    ]


@router.get("/wrong-alerts", response_model=FalseAlarms)
def false_alarms(
    caller: Reader, camera: str | None = None, since: Time = None, until: Time = None
) -> Json:
    """List the false alarms, what they were about, and settings that would have avoided them."""
    found, suggested = caller.service.false_alarms(caller.scope(camera, since, until))
    return {
        "wrong": [false_alarm_record(one) for one in found],
        "suggestions": [suggestion_record(one) for one in suggested],
    }
