"""The report: charts of what the cameras saw in a period, each with its rows and its sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pycturestream.application.alerts import AlertService
from pycturestream.application.report_ports import ReportSearch
from pycturestream.contracts import reports
from pycturestream.domain.reports import sentences
from pycturestream.domain.reports.attendance import (
    HourCame,
    came_by_day,
    came_by_hour,
    came_by_line,
)
from pycturestream.domain.reports.camera_health import camera_health
from pycturestream.domain.reports.common_labels import common_labels
from pycturestream.domain.reports.false_alarm import false_alarm_record, suggestion_record
from pycturestream.domain.reports.hours_of_week import hours_of_week
from pycturestream.domain.reports.period import Period
from pycturestream.domain.reports.timeline import PEOPLE, timeline
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis
from pycturestream.stores.search import Scope

Json = dict[str, Any]
Chart = Literal[
    "cameras",
    "timeline",
    "rates",
    "labels",
    "hours",
    "days",
    "lines",
    "week",
    "health",
    "alerts",
    "false-alarms",
    "suggestions",
]
ALERTS_LIMIT: Final = 300
"""The newest; `pycturestream alerts --limit` lists any number."""


@dataclass(frozen=True, slots=True)
class ReportScope:
    """What a report is about."""

    period: Period
    cameras: Sequence[str] = ()
    """Only these; empty: all."""
    site: str | None = None
    """Only cameras of this site; None: of all."""
    allowed: Sequence[str] = ()
    """The cameras that whoever asks may see; empty: all."""
    label: str = PEOPLE
    """What is counted, where a chart is about one label."""


@dataclass(frozen=True, slots=True)
class ChartData:
    """What a chart shows."""

    rows: list[Json]
    summary: list[str] = field(default_factory=list)


class ReportService:
    """Makes charts. Lets the errors of its ports through (see report_ports and alert_ports)."""

    def __init__(self, search: ReportSearch, alerts: AlertService, count_window_ms: Millis) -> None:
        self._search = search
        self._alerts = alerts
        self._window_hours = count_window_ms / HOUR_MS
        self._charts: Mapping[Chart, Callable[[ReportScope, Scope, Millis], ChartData]] = {
            "cameras": self._cameras,
            "timeline": self._timelines,
            "rates": self._rates,
            "labels": self._labels,
            "hours": self._hours,
            "days": self._days,
            "lines": self._lines,
            "week": self._week,
            "health": self._health,
            "alerts": self._newest_alerts,
            "false-alarms": self._false_alarms,
            "suggestions": self._suggestions,
        }

    def chart(self, name: Chart, scope: ReportScope, now: Millis) -> ChartData:
        """Return what a chart shows of a scope."""
        return self._charts[name](scope, self._narrowed(scope), now)

    def _narrowed(self, scope: ReportScope) -> Scope:
        """Return the scope of a search: the cameras of a site are those that have counts of it.

        Records of camera events have no site.
        """
        period = scope.period
        names = set(scope.cameras) if scope.cameras else None
        if scope.allowed:
            names = {*scope.allowed} if names is None else names & {*scope.allowed}
        if scope.site is not None:
            # Without a beginning: a camera that is offline for the whole period belongs to it too.
            places = self._search.cameras(Scope(until=period.until))
            of_site = {place.camera_id for place in places if place.site == scope.site}
            names = of_site if names is None else names & of_site
        cameras = None if names is None else sorted(names)
        return Scope(since=period.since, until=period.until, cameras=cameras)

    def _cameras(self, _scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        return ChartData(reports.camera_rows(self._search.cameras(narrow)))

    def _timelines(self, scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        rows: list[Json] = []
        for place in self._search.cameras(narrow):
            name = place.camera_id
            tallies = self._search.steps(narrow, name, scope.period)
            rows += reports.timeline_rows(timeline(name, tallies, scope.period))
        return ChartData(rows)

    def _rates(self, scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        # Compared with all cameras, also with those that are not asked for.
        rates = [
            rate
            for rate in self._alerts.rates(scope.period.since, scope.period.until)
            if narrow.cameras is None or rate.camera_id in narrow.cameras
        ]
        return ChartData(reports.rate_rows(rates), sentences.sentences_of_rates(rates))

    def _labels(self, _scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        labels = common_labels(self._search.labels(narrow))
        return ChartData(reports.label_rows(labels), sentences.sentences_of_labels(labels))

    def _hours(self, scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        return ChartData(reports.hour_rows(self._came_by_hour(scope, narrow)))

    def _days(self, scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        days = came_by_day(self._came_by_hour(scope, narrow))
        return ChartData(reports.day_rows(days), sentences.sentences_of_days(days, scope.label))

    def _came_by_hour(self, scope: ReportScope, narrow: Scope) -> list[HourCame]:
        tallies = self._search.hours(narrow, scope.label)
        if not tallies:
            return []
        zones = {place.timezone for place in self._search.cameras(narrow)}
        return came_by_hour(tallies, scope.period, zones)

    def _lines(self, scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        lines = sorted(
            self._search.lines(narrow, scope.label),
            key=lambda one: (one.camera_id, one.line, one.day),
        )
        said = sentences.sentences_of_lines(came_by_line(lines))
        return ChartData(reports.line_rows(lines), said)

    def _week(self, scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        tallies = self._search.week_hours(narrow, scope.label)
        if not tallies:
            return ChartData([])
        week = hours_of_week(tallies, self._window_hours)
        said = sentences.sentences_of_hours(week, scope.label)
        return ChartData(reports.week_hour_rows(week), said)

    def _health(self, _scope: ReportScope, narrow: Scope, now: Millis) -> ChartData:
        # How a camera is now does not depend on the period, nor what it last did on its beginning.
        until_now = Scope(until=_whole_minute(now), cameras=narrow.cameras)
        presence, accounts = self._search.presence(until_now), self._search.accounts(narrow)
        found = camera_health(presence, accounts, now)
        return ChartData(reports.health_rows(found), sentences.sentences_of_health(found))

    def _newest_alerts(self, _scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        return ChartData(reports.alert_rows(self._alerts.alerts(narrow, ALERTS_LIMIT)))

    def _false_alarms(self, _scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        alarms, _ = self._alerts.false_alarms(narrow)
        return ChartData([false_alarm_record(one) for one in alarms])

    def _suggestions(self, _scope: ReportScope, narrow: Scope, _now: Millis) -> ChartData:
        _, suggested = self._alerts.false_alarms(narrow)
        return ChartData([suggestion_record(one) for one in suggested])


def _whole_minute(at: Millis) -> Millis:
    """Return the end of the minute, so that the same is asked for a while."""
    return at - at % MINUTE_MS + MINUTE_MS
