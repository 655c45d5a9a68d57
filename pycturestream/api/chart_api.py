"""The charts of the report by HTTP: as JSON for the page, and as CSV for spreadsheets."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from pydantic import BaseModel

from pycturestream.api.access import Caller, Reader
from pycturestream.api.models import Time
from pycturestream.api.problems import responses
from pycturestream.application.reports import Chart, ReportScope, ReportService
from pycturestream.contracts.csv_rows import csv_text
from pycturestream.domain.reports.alert_rates import DEFAULT_PERIOD_MS
from pycturestream.domain.reports.period import period
from pycturestream.domain.reports.timeline import PEOPLE
from pycturestream.domain.times import is_duration, rfc3339

CAMERAS_LIMIT = 500
"""Of one request: addresses have a length."""


class ChartAnswer(BaseModel):
    """What a chart shows."""

    since: str
    """If it was asked for as a time span, it begins with a whole step, a little earlier."""
    until: str
    step_s: int
    """How long a point of a timeline is."""
    rows: list[dict[str, Any]]
    summary: list[str]
    """The figures that matter most, in sentences."""


def chart_paths(service: ReportService) -> APIRouter:
    """Return the path of all charts, by camera scope."""
    router = APIRouter(prefix="/api/report", tags=["reports"])

    @router.get("/{chart}", response_model=ChartAnswer, responses=responses(401, 403, 422, 503))
    def chart(
        caller: Reader,
        chart: Chart,
        camera: Annotated[list[str] | None, Query(max_length=CAMERAS_LIMIT)] = None,
        site: str | None = None,
        since: Time = None,
        until: Time = None,
        label: str = PEOPLE,
        output: Annotated[
            Literal["json", "csv"], Query(alias="format", description="csv: a file of the rows")
        ] = "json",
    ) -> Any:
        """Return the rows of a chart, of these cameras; by default of all, and of seven days.

        Days and hours are those of the camera's own clock.
        """
        scope = _scope(caller, camera or [], site, since, until, label)
        found = service.chart(chart, scope, caller.now)
        if output == "csv":
            name = f"{chart}-{rfc3339(scope.period.since)[:10]}.csv"
            return Response(
                csv_text(found.rows),
                media_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        return {
            "since": rfc3339(scope.period.since),
            "until": rfc3339(scope.period.until),
            "step_s": scope.period.step_ms // 1000,
            "rows": found.rows,
            "summary": found.summary,
        }

    return router


def _scope(
    caller: Caller,
    cameras: list[str],
    site: str | None,
    since: str | None,
    until: str | None,
    label: str,
) -> ReportScope:
    """Return what is asked for, within the cameras of the token. Raises 403 and 422."""
    for camera in cameras:
        caller.check_camera(camera)
    asked = caller.scope(None, since, until)
    # What is yet to come has not been missed.
    end = caller.now if asked.until is None else min(asked.until, caller.now)
    begin = end - DEFAULT_PERIOD_MS if asked.since is None else asked.since
    try:
        chosen = period(begin, end, whole_steps=asked.since is None or is_duration(since or ""))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return ReportScope(chosen, cameras, site, caller.token.cameras, label)
