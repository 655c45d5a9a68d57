"""What Elasticsearch sums up for reports equals a plain count over the same records."""

import uuid
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pycturestream.application.report_ports import ElasticsearchReports
from pycturestream.domain.reports.period import period
from pycturestream.domain.times import DAY_MS, MINUTE_MS
from pycturestream.stores import search as store_search
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.search import (
    Scope,
    count_alerts_by_day,
    count_seen_windows_by_day,
)
from tests.builders import message
from tests.fake_alert_service import FakeAlertSearch
from tests.fake_report_search import FakeReportSearch
from tests.reported import CAMERAS, EYE, LABELS, records
from tests.store_contract import now

pytestmark = pytest.mark.integration

DAYS = 4
ASKED = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""Each example is a request to a server."""


class Indexed:
    """Records in a run of their own, with what sums them up and what counts them plainly."""

    def __init__(self, client, run, found, at):
        self.client, self.run, self.at = client, run, at
        self.elasticsearch = ElasticsearchReports(client, MINUTE_MS)
        self.plain = FakeReportSearch(found)
        self.alerts = FakeAlertSearch(found)

    def scope(self, asked):
        begin, span, cameras = asked
        since = self.at - begin
        return Scope(self.run, since=since, until=since + span, cameras=cameras)

    def compare(self, sums: Callable[[Any], list[Any]]):
        def ordered(search):
            return sorted(map(repr, sums(search)))

        found = ordered(self.elasticsearch)
        assert found == ordered(self.plain)
        return found


@pytest.fixture(scope="module")
def indexed(elasticsearch_server):
    run, at = f"report-{uuid.uuid4().hex[:8]}", now() // MINUTE_MS * MINUTE_MS
    found = records(at, DAYS, every_ms=30 * MINUTE_MS, run=run)
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))
    for first in range(0, len(found), 1_000):
        batch = found[first : first + 1_000]
        assert set(writer.write(message(*each) for each in batch)) == {Done.WRITTEN}
    writer.close()
    with connect(elasticsearch_server) as client:
        client.indices.refresh()
        yield Indexed(client, run, found, at)


minutes = st.integers(0, DAYS * DAY_MS // MINUTE_MS).map(lambda number: number * MINUTE_MS)
scopes = st.tuples(
    minutes,
    minutes.map(lambda span: span + MINUTE_MS),
    st.none() | st.lists(st.sampled_from([*CAMERAS, EYE]), max_size=3, unique=True),
)
labels = st.sampled_from([*LABELS, "giraffe"])


@ASKED
@given(asked=scopes)
def test_cameras_have_their_sites_and_clocks(indexed, asked):
    indexed.compare(lambda search: search.cameras(indexed.scope(asked)))


@ASKED
@given(asked=scopes, camera=st.sampled_from([*CAMERAS, EYE]))
def test_steps_have_the_most_at_once(indexed, asked, camera):
    begin, span, cameras = asked
    chosen = period(indexed.at - begin, indexed.at - begin + span)
    scope = Scope(indexed.run, since=chosen.since, until=chosen.until, cameras=cameras)

    indexed.compare(lambda search: search.steps(scope, camera, chosen))


@ASKED
@given(asked=scopes)
def test_labels_have_their_different_objects(indexed, asked):
    indexed.compare(lambda search: search.labels(indexed.scope(asked)))


@ASKED
@given(asked=scopes, label=labels)
def test_hours_are_those_of_the_cameras_clock(indexed, asked, label):
    indexed.compare(lambda search: search.hours(indexed.scope(asked), label))


@ASKED
@given(asked=scopes, label=labels)
def test_hours_of_the_week_know_for_how_long_cameras_were_seen(indexed, asked, label):
    indexed.compare(lambda search: search.week_hours(indexed.scope(asked), label))


@ASKED
@given(asked=scopes, label=labels)
def test_lines_are_summed_by_day_with_their_zeros(indexed, asked, label):
    indexed.compare(lambda search: search.lines(indexed.scope(asked), label))


@ASKED
@given(asked=scopes)
def test_accounts_add_up_by_reason(indexed, asked):
    indexed.compare(lambda search: search.accounts(indexed.scope(asked)))


@ASKED
@given(asked=scopes)
def test_presence_is_that_of_the_newest_event(indexed, asked):
    indexed.compare(lambda search: search.presence(indexed.scope(asked)))


@pytest.mark.parametrize(
    "sums",
    [
        lambda search, scope: search.cameras(scope),
        lambda search, scope: search.labels(scope),
        lambda search, scope: search.hours(scope, "person"),
        lambda search, scope: search.week_hours(scope, "person"),
        lambda search, scope: search.lines(scope, "person"),
        lambda search, scope: search.accounts(scope),
        lambda search, scope: search.presence(scope),
    ],
)
def test_over_the_whole_time_there_is_something_to_sum_up(indexed, sums):
    whole = Scope(indexed.run, since=indexed.at - DAYS * DAY_MS, until=indexed.at)

    assert indexed.compare(lambda search: sums(search, whole))


@ASKED
@given(asked=scopes, offset=st.integers(0, DAY_MS - 1))
def test_days_of_alerts_and_of_seen_windows(indexed, asked, offset):
    scope = indexed.scope(asked)

    for find, plainly in (
        (count_alerts_by_day, indexed.alerts.alerts_by_day),
        (count_seen_windows_by_day, indexed.alerts.seen_windows_by_day),
    ):
        assert find(indexed.client, scope, offset) == plainly(scope, offset)


def test_more_cameras_than_one_request_tells_of_are_asked_for_in_several(indexed, monkeypatch):
    whole = Scope(indexed.run, since=indexed.at - DAYS * DAY_MS, until=indexed.at)
    monkeypatch.setattr(store_search, "CAMERAS_OF_A_REQUEST", 2)

    found = count_seen_windows_by_day(indexed.client, whole, 0)

    assert {camera for camera, _ in found} == {*CAMERAS, EYE}
    assert found == indexed.alerts.seen_windows_by_day(whole, 0)


def test_of_a_run_that_was_never_written_there_is_nothing(indexed):
    scope = Scope("report-nothing", since=0, until=indexed.at)
    search = indexed.elasticsearch

    assert search.cameras(scope) == search.labels(scope) == search.lines(scope, "person") == []
    assert search.steps(scope, "gate", period(indexed.at - DAY_MS, indexed.at)) == []
    assert search.accounts(scope) == search.presence(scope) == []
