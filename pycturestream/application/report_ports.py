"""Where the report finds its figures: sums of counts and of accounts in Elasticsearch."""

from dataclasses import dataclass
from typing import Protocol

from elasticsearch import Elasticsearch

from pycturestream.domain.reports.period import Period
from pycturestream.domain.reports.tallies import (
    AccountTally,
    CameraPlace,
    HourTally,
    LabelTally,
    LineTally,
    PresenceTally,
    StepTally,
    WeekHourTally,
)
from pycturestream.domain.times import Millis
from pycturestream.stores import report_search
from pycturestream.stores.search import Scope


class ReportSearch(Protocol):
    """Sums up the records of a scope; a label is that of the objects that are counted."""

    def cameras(self, scope: Scope) -> list[CameraPlace]:
        """Return the cameras that have counts, by name."""
        ...

    def steps(self, scope: Scope, camera_id: str, period: Period) -> list[StepTally]:
        """Return the most of people and of the camera's most common other labels, by step."""
        ...

    def labels(self, scope: Scope) -> list[LabelTally]:
        """Return how many different objects of its most common labels each camera saw."""
        ...

    def hours(self, scope: Scope, label: str) -> list[HourTally]:
        """Return the different objects of each hour of each day in which a camera was seen."""
        ...

    def week_hours(self, scope: Scope, label: str) -> list[WeekHourTally]:
        """Return the different objects of each hour of the week in which a camera was seen."""
        ...

    def lines(self, scope: Scope, label: str) -> list[LineTally]:
        """Return how often each line was crossed on each day."""
        ...

    def accounts(self, scope: Scope) -> list[AccountTally]:
        """Return what became of the frames of each camera."""
        ...

    def presence(self, scope: Scope) -> list[PresenceTally]:
        """Return whether each camera was online at the end, and when its newest result was."""
        ...


@dataclass(frozen=True, slots=True)
class ElasticsearchReports:
    """ReportSearch in Elasticsearch.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """

    client: Elasticsearch
    count_window_ms: Millis

    def cameras(self, scope: Scope) -> list[CameraPlace]:
        return report_search.find_cameras(self.client, scope)

    def steps(self, scope: Scope, camera_id: str, period: Period) -> list[StepTally]:
        return report_search.sum_steps(self.client, scope, camera_id, period)

    def labels(self, scope: Scope) -> list[LabelTally]:
        return report_search.sum_labels(self.client, scope)

    def hours(self, scope: Scope, label: str) -> list[HourTally]:
        return report_search.sum_hours(self.client, scope, label)

    def week_hours(self, scope: Scope, label: str) -> list[WeekHourTally]:
        return report_search.sum_week_hours(self.client, scope, label)

    def lines(self, scope: Scope, label: str) -> list[LineTally]:
        return report_search.sum_lines(self.client, scope, label)

    def accounts(self, scope: Scope) -> list[AccountTally]:
        return report_search.sum_accounts(self.client, scope)

    def presence(self, scope: Scope) -> list[PresenceTally]:
        return report_search.find_presence(self.client, scope, self.count_window_ms)
