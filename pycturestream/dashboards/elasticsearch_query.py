"""Grafana's Elasticsearch queries, translated to searches the way that Grafana does.

Only what our dashboards use; anything else is a ValueError, so that no panel counts as checked
that is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pycturestream.dashboards.dashboard import DataSource, Span

PLAIN_METRICS = ("avg", "cardinality", "max", "min", "sum")
"""Metrics with one field and one value."""


def search(target: Mapping[str, Any], source: DataSource, span: Span) -> dict[str, Any]:
    """Return the body of the search that Grafana sends for one query of a panel."""
    body: dict[str, Any] = {"size": 0, "query": _query(target["query"], source, span)}
    first = target["metrics"][0]
    if first["type"] == "raw_data":
        newest_first = {source.time_field: {"order": "desc", "unmapped_type": "boolean"}}
        return body | {"size": int(first["settings"]["size"]), "sort": [newest_first]}
    metrics = {m["id"]: _metric(m) for m in target["metrics"] if m["type"] != "count"}
    inner = metrics
    for bucket in reversed(target["bucketAggs"]):
        if (key := bucket["settings"].get("orderBy")) in metrics:
            inner = {key: metrics[key], **inner}  # terms are ordered by a metric beside them
        inner = {bucket["id"]: _bucket(bucket, span) | ({"aggs": inner} if inner else {})}
    return body | {"aggs": inner}


def rows(target: Mapping[str, Any], response: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a panel gets to show, one row per innermost bucket that is not empty.

    A row's keys are the buckets' fields and the metrics (`max max`, `count`, `p95.0`).
    Raw records are rows as they are. An index that does not exist yet has no rows.
    """
    if target["metrics"][0]["type"] == "raw_data":
        return [hit["_source"] for hit in response["hits"]["hits"]]
    if "aggregations" not in response:
        return []
    return list(_leaves(target["bucketAggs"], target["metrics"], response["aggregations"], {}))


def _query(text: str, source: DataSource, span: Span) -> dict[str, Any]:
    between = {"gte": span.since, "lte": span.until, "format": "epoch_millis"}
    return {
        "bool": {
            "filter": [
                {"range": {source.time_field: between}},
                {"query_string": {"query": text, "analyze_wildcard": True}},
            ]
        }
    }


def _bucket(bucket: Mapping[str, Any], span: Span) -> dict[str, Any]:
    settings = bucket["settings"]
    match bucket["type"]:
        case "date_histogram":
            step = settings["interval"]
            return {
                "date_histogram": {
                    "field": bucket["field"],
                    "fixed_interval": f"{span.step_ms}ms" if step == "auto" else step,
                    "min_doc_count": int(settings["min_doc_count"]),
                    "extended_bounds": {"min": span.since, "max": span.until},
                    "format": "epoch_millis",
                }
            }
        case "terms":
            by = {"_term": "_key"}.get(settings["orderBy"], settings["orderBy"])
            return {
                "terms": {
                    "field": bucket["field"],
                    "size": int(settings["size"]),
                    "min_doc_count": int(settings["min_doc_count"]),
                    "order": {by: settings["order"]},
                }
            }
        case "nested":
            return {"nested": {"path": bucket["field"]}}
        case other:
            raise ValueError(f"no translation for the bucket aggregation {other}")


def _metric(metric: Mapping[str, Any]) -> dict[str, Any]:
    match metric["type"]:
        case "percentiles":
            percents = [float(percent) for percent in metric["settings"]["percents"]]
            return {"percentiles": {"field": metric["field"], "percents": percents}}
        case plain if plain in PLAIN_METRICS:
            return {plain: {"field": metric["field"]}}
        case other:
            raise ValueError(f"no translation for the metric {other}")


def _leaves(
    buckets: Sequence[Mapping[str, Any]],
    metrics: Sequence[Mapping[str, Any]],
    level: Mapping[str, Any],
    row: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    if not buckets:
        values = {name: value for m in metrics for name, value in _values(m, level)}
        if level["doc_count"] and any(value is not None for value in values.values()):
            yield {**row, **values}
        return
    outer, *inner = buckets
    if outer["type"] == "nested":  # it has no buckets: it only leads to the inner documents
        yield from _leaves(inner, metrics, level[outer["id"]], row)
        return
    for bucket in level[outer["id"]]["buckets"]:
        yield from _leaves(inner, metrics, bucket, {**row, outer["field"]: bucket["key"]})


def _values(
    metric: Mapping[str, Any], bucket: Mapping[str, Any]
) -> Iterator[tuple[str, float | None]]:
    match metric["type"]:
        case "count":
            yield "count", bucket["doc_count"]
        case "percentiles":
            for percent, value in bucket[metric["id"]]["values"].items():
                yield f"p{percent}", value
        case kind:
            yield f"{kind} {metric['field']}", bucket[metric["id"]]["value"]
