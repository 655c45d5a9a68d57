"""Finds records in Elasticsearch by what they say, newest first."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import stamina
from elasticsearch import ApiError, Elasticsearch

from pycturestream import topics
from pycturestream.frame import LIVE
from pycturestream.times import rfc3339
from stores.index_templates import alias

Json = dict[str, Any]

PAGE = 1_000
"""Hits of one request: 2 MB. Elasticsearch allows 10,000."""

ALL: Final = sys.maxsize
"""As a limit: whatever there is."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records, and of which time in epoch ms: from `since` until just before `until`."""

    run: str = LIVE
    camera_id: str | None = None
    since: int | None = None
    until: int | None = None


def find_detections(
    client: Elasticsearch,
    scope: Scope,
    limit: int,
    *,
    label: str | None = None,
    min_count: int | None = None,
    zone: str | None = None,
    sector: str | None = None,
) -> Iterator[Json]:
    """Return records of frames in which one object has all of label, zone and sector.

    `min_count` asks for so many objects of the label, or of any one label, in the frame.
    """
    wanted = {"label": label, "zones": zone, "sector": sector}
    one_object = [_term(f"objects.{name}", value) for name, value in wanted.items() if value]
    filters = [_nested("objects", one_object)] if one_object else []
    if min_count is not None:
        enough: list[Json] = [{"range": {"label_counts.count": {"gte": min_count}}}]
        if label:
            enough.append(_term("label_counts.label", label))
        filters.append(_nested("label_counts", enough))
    return _search(client, topics.DETECTIONS, scope, "captured_at", filters, limit)


def find_counts(
    client: Elasticsearch, scope: Scope, limit: int, *, label: str | None = None
) -> Iterator[Json]:
    """Return windows by their start."""
    filters = [_term("label", label)] if label else []
    return _search(client, topics.COUNTS, scope, "window_start", filters, limit)


def find_alerts(
    client: Elasticsearch,
    scope: Scope,
    limit: int,
    *,
    label: str | None = None,
    only_open: bool = False,
) -> Iterator[Json]:
    """Return alerts as they stand now, by the time they were raised."""
    filters = [_term("label", label)] if label else []
    if only_open:
        filters.append({"terms": {"state": ["raised", "updated"]}})
    return _search(client, topics.ALERTS, scope, "raised_at", filters, limit)


def find_narrations(client: Elasticsearch, scope: Scope, limit: int) -> Iterator[Json]:
    """Return what was said."""
    return _search(client, topics.NARRATIONS, scope, "captured_at", [], limit)


def _search(
    client: Elasticsearch,
    topic: str,
    scope: Scope,
    time_field: str,
    filters: list[Json],
    limit: int,
) -> Iterator[Json]:
    """Yield at most `limit` records; an index that is not there yet holds none."""
    conditions = [*filters]
    if scope.camera_id is not None:
        conditions.append(_term("camera_id", scope.camera_id))
    if scope.since is not None:
        conditions.append({"range": {time_field: {"gte": rfc3339(scope.since)}}})
    if scope.until is not None:
        conditions.append({"range": {time_field: {"lt": rfc3339(scope.until)}}})
    after: list[Any] | None = None
    while limit > 0:
        hits = _page(
            client,
            index=alias(topic, scope.run),
            query={"bool": {"filter": conditions}},
            sort=[{time_field: "desc"}, {"id": "asc"}],
            search_after=after,
            size=min(limit, PAGE),
        )
        yield from (hit["_source"] for hit in hits)
        limit -= len(hits)
        if len(hits) < PAGE:
            return
        after = hits[-1]["sort"]


def _is_opening(error: Exception) -> bool:
    """Whether an index answers in a moment: today's first record has just made it."""
    return isinstance(error, ApiError) and error.status_code == 503


@stamina.retry(on=_is_opening, timeout=10)
def _page(client: Elasticsearch, **search: Any) -> list[Json]:
    reply = client.search(ignore_unavailable=True, track_total_hits=False, **search)
    hits: list[Json] = reply["hits"]["hits"]
    return hits


def _term(field: str, value: str) -> Json:
    return {"term": {field: value}}


def _nested(path: str, conditions: list[Json]) -> Json:
    return {"nested": {"path": path, "query": {"bool": {"filter": conditions}}}}
