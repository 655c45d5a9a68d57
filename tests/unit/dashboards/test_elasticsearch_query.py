"""What the real Elasticsearch does not show of the translation of Grafana's queries."""

from typing import Any

import pytest

from pycturestream.dashboards.dashboard import DataSource, Span
from pycturestream.dashboards.elasticsearch_query import rows, search
from pycturestream.domain.times import Millis

COUNTS = DataSource("counts", "elasticsearch", index="counts", time_field="window_start")
SPAN = Span(Millis(1_000), Millis(61_000), step_ms=5_000)
COUNT = {"id": "1", "type": "count"}
BY_LABEL = {
    "id": "2",
    "type": "terms",
    "field": "label",
    "settings": {"size": "10", "order": "desc", "orderBy": "_count", "min_doc_count": "1"},
}


def target(metrics: list[Any], buckets: list[Any]) -> dict[str, Any]:
    return {"query": "label:person", "metrics": metrics, "bucketAggs": buckets}


def test_a_search_is_bound_to_the_time_that_the_dashboard_shows():
    query = search(target([COUNT], [BY_LABEL]), COUNTS, SPAN)["query"]

    between, text = query["bool"]["filter"]
    assert between["range"]["window_start"] == {
        "gte": 1_000,
        "lte": 61_000,
        "format": "epoch_millis",
    }
    assert text["query_string"]["query"] == "label:person"


def test_an_automatic_interval_is_the_span_s_step():
    by_time = {
        "id": "3",
        "type": "date_histogram",
        "field": "window_start",
        "settings": {"interval": "auto", "min_doc_count": "0"},
    }

    aggregation = search(target([COUNT], [by_time]), COUNTS, SPAN)["aggs"]["3"]

    assert aggregation["date_histogram"]["fixed_interval"] == "5000ms"


@pytest.mark.parametrize(
    ("metrics", "buckets"),
    [
        ([{"id": "1", "type": "moving_avg", "field": "mean"}], [BY_LABEL]),
        ([COUNT], [{**BY_LABEL, "type": "geohash_grid"}]),
    ],
)
def test_what_can_not_be_translated_is_not_taken_for_checked(
    metrics: list[Any], buckets: list[Any]
):
    with pytest.raises(ValueError, match="no translation"):
        search(target(metrics, buckets), COUNTS, SPAN)


def test_buckets_without_a_value_are_no_rows():
    maximum = {"id": "1", "type": "max", "field": "max"}
    buckets = [
        {"key": "person", "doc_count": 2, "1": {"value": 3.0}},
        {"key": "car", "doc_count": 1, "1": {"value": None}},
        {"key": "dog", "doc_count": 0, "1": {"value": 0.0}},
    ]

    shown = rows(target([maximum], [BY_LABEL]), {"aggregations": {"2": {"buckets": buckets}}})

    assert shown == [{"label": "person", "max max": 3.0}]


def test_a_nested_level_leads_to_the_inner_documents():
    lines = {"id": "7", "type": "nested", "field": "crossed", "settings": {}}
    by_line = {**BY_LABEL, "field": "crossed.line"}
    inside = {"id": "1", "type": "sum", "field": "crossed.in"}
    asked = target([inside], [BY_LABEL | {"id": "6"}, lines, by_line])

    by_label = search(asked, COUNTS, SPAN)["aggs"]["6"]
    assert by_label["aggs"]["7"]["nested"] == {"path": "crossed"}
    assert by_label["aggs"]["7"]["aggs"]["2"]["terms"]["field"] == "crossed.line"

    buckets = [{"key": "west", "doc_count": 3, "1": {"value": 4.0}}]
    person = {"key": "person", "doc_count": 9, "7": {"doc_count": 3, "2": {"buckets": buckets}}}
    shown = rows(asked, {"aggregations": {"6": {"buckets": [person]}}})
    assert shown == [{"label": "person", "crossed.line": "west", "sum crossed.in": 4.0}]
