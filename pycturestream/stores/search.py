"""Finds records in Elasticsearch by their fields, newest first."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from elasticsearch import Elasticsearch

from pycturestream.contracts import topics
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import complete_results
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.stores.index_templates import alias
from pycturestream.stores.paging import PAGE, ask, sources

Json = dict[str, Any]

ALL: Final = sys.maxsize
"""As a limit: no limit."""
CAMERAS_OF_A_REQUEST: Final = 150
"""That sums up by day: with the days of more than a year, what Elasticsearch returns at once."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records, and from which time: from `since` until just before `until`, in epoch ms."""

    run: str = LIVE
    camera_id: str | None = None
    since: int | None = None
    until: int | None = None
    cameras: Sequence[str] | None = None
    """Only these; None: all."""


def find_detections(client: Elasticsearch, scope: Scope, limit: int) -> Iterator[Json]:
    """Return records of frames; `stores.picture_search` finds them by what is in them."""
    return _search(client, topics.DETECTIONS, scope, "captured_at", [], limit)


def find_history(client: Elasticsearch, scope: Scope) -> Iterator[Json]:
    """Return records of frames, the oldest first."""
    return _search(client, topics.DETECTIONS, scope, "captured_at", [], ALL, order="asc")


def find_camera_events(client: Elasticsearch, scope: Scope) -> Iterator[Json]:
    """Return the events of cameras and their frame accounts, the oldest first."""
    return _search(client, topics.CAMERA_EVENTS, scope, "at", [], ALL, order="asc")


def find_counts(
    client: Elasticsearch, scope: Scope, limit: int, *, label: str | None = None
) -> Iterator[Json]:
    """Return windows of counts, ordered by their start."""
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
    """Return alerts in their current state, ordered by the time at which they were raised."""
    filters = [_term("label", label)] if label else []
    if only_open:
        filters.append({"terms": {"state": ["raised", "updated"]}})
    return _search(client, topics.ALERTS, scope, "raised_at", filters, limit)


def find_alert(client: Elasticsearch, alert_id: str) -> Json | None:
    """Return a live alert in its current state; None where there is none."""
    found = _search(client, topics.ALERTS, Scope(), "raised_at", [_term("id", alert_id)], 1)
    return next(found, None)


def find_frames(client: Elasticsearch, frame_ids: Sequence[str]) -> Iterator[Json]:
    """Return the live detections records of these frames, those that are still kept."""
    for first in range(0, len(frame_ids), PAGE):
        wanted = {"terms": {"frame_id": list(frame_ids[first : first + PAGE])}}
        yield from _search(client, topics.DETECTIONS, Scope(), "captured_at", [wanted], ALL)


def count_alerts_by_day(
    client: Elasticsearch, scope: Scope, offset_ms: int
) -> dict[tuple[str, Millis], int]:
    """Return how many alerts were raised, by camera and the beginning of each 24 hours.

    `offset_ms` is that between the beginnings and midnight, UTC.
    """
    return _count_by_day(client, topics.ALERTS, scope, "raised_at", [], offset_ms)


def count_seen_windows_by_day(
    client: Elasticsearch, scope: Scope, offset_ms: int
) -> dict[tuple[str, Millis], int]:
    """Return in how many accounting windows a frame was processed, by camera and day."""
    seen = [_term("event", "frames"), {"range": {"frames.processed": {"gte": 1}}}]
    return _count_by_day(client, topics.CAMERA_EVENTS, scope, "at", seen, offset_ms)


def has_results(client: Elasticsearch, run: str) -> bool:
    """Return whether there is any detection or alert of a run."""
    scope = Scope(run)
    found = (find_detections(client, scope, 1), find_alerts(client, scope, 1))
    return any(True for records in found for _ in records)


def _count_by_day(
    client: Elasticsearch,
    topic: str,
    scope: Scope,
    time_field: str,
    filters: list[Json],
    offset_ms: int,
) -> dict[tuple[str, Millis], int]:
    days: Json = {"field": time_field, "fixed_interval": "1d", "offset": f"{offset_ms}ms"}
    # Every camera with all of its days at once: each request reads all records.
    groups: Json = {
        "size": CAMERAS_OF_A_REQUEST,
        "sources": [{"camera": {"terms": {"field": "camera_id"}}}],
    }
    by_day: Json = {"days": {"date_histogram": {**days, "min_doc_count": 1}}}
    counts: dict[tuple[str, Millis], int] = {}
    while True:
        reply = ask(
            client,
            index=alias(topic, scope.run),
            ignore_unavailable=True,
            query={"bool": {"filter": [*filters, *conditions(scope, time_field)]}},
            aggregations={"groups": {"composite": groups, "aggregations": by_day}},
            size=0,
        )
        # Without an index there is nothing to group.
        cameras = reply.get("aggregations", {}).get("groups", {}).get("buckets", [])
        for camera in cameras:
            for day in camera["days"]["buckets"]:
                counts[camera["key"]["camera"], day["key"]] = day["doc_count"]
        if len(cameras) < CAMERAS_OF_A_REQUEST:
            return counts
        groups["after"] = reply["aggregations"]["groups"]["after_key"]


def find_narrations(client: Elasticsearch, scope: Scope, limit: int) -> Iterator[Json]:
    """Return narrations."""
    return _search(client, topics.NARRATIONS, scope, "captured_at", [], limit)


def _search(
    client: Elasticsearch,
    topic: str,
    scope: Scope,
    time_field: str,
    filters: list[Json],
    limit: int,
    order: Literal["asc", "desc"] = "desc",
) -> Iterator[Json]:
    """Yield at most `limit` records; an index that does not exist yet holds none."""
    query = {"bool": {"filter": [*filters, *conditions(scope, time_field)]}}
    # In order of time a new record moves no other one to another page, so none is missed.
    found = sources(
        client, alias(topic, scope.run), query, [{time_field: order}, {"id": "asc"}], limit
    )
    return complete_results(topic, found, RejectedRecords(topic))


def conditions(scope: Scope, time_field: str) -> list[Json]:
    """Return the filters of a scope for records whose time is in this field."""
    filters: list[Json] = []
    if scope.camera_id is not None:
        filters.append(_term("camera_id", scope.camera_id))
    if scope.cameras is not None:
        filters.append({"terms": {"camera_id": list(scope.cameras)}})
    if scope.since is not None:
        filters.append({"range": {time_field: {"gte": rfc3339(scope.since)}}})
    if scope.until is not None:
        filters.append({"range": {time_field: {"lt": rfc3339(scope.until)}}})
    return filters


def _term(field: str, value: str) -> Json:
    return {"term": {field: value}}
