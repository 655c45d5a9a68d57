"""Finds pictures in Elasticsearch by a query of the domain, and what there is to ask for."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from elasticsearch import Elasticsearch
from msgspec import Struct

from pycturestream.contracts import topics
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import complete_results
from pycturestream.domain.cameras.eye import EYE_CAMERA
from pycturestream.domain.search.order import NEWEST_FIRST, Order
from pycturestream.domain.search.query import (
    ALL_DAY,
    EVERY_DAY,
    NO_CONDITIONS,
    ObjectConditions,
    Query,
)
from pycturestream.domain.times import rfc3339
from pycturestream.stores.detection_document import ADDED, SIDES, SIZE
from pycturestream.stores.index_templates import alias
from pycturestream.stores.paging import PAGE, ask, sources

Json = dict[str, Any]

CAMERA: Final = "camera_id"
SITE: Final = "site"
LABEL: Final = "labels"
ZONE: Final = "objects.zones"
KNOWN_LIMIT: Final = 1_000
"""Of different values of a field: there are not that many cameras, labels or zones to choose from
that a person would look through them."""
COUNT_LIMIT: Final = 10_000
"""Of pictures that are counted: more are as good as any number, and would be counted each time."""

Position = list[Any]
"""Where a page ends in the order of a search: the values that it is sorted by."""


class Page(Struct, frozen=True):
    """Some of the pictures that match, in order."""

    records: list[Json]
    end: Position | None
    """None where nothing comes after it."""
    found: int | None
    """How many match in all, up to COUNT_LIMIT; None on pages that were not asked for it."""


def find_pictures(
    client: Elasticsearch, query: Query, limit: int, order: Order = NEWEST_FIRST
) -> Iterator[Json]:
    """Yield the detections records of at most `limit` pictures that match, in order."""
    found = sources(
        client,
        alias(topics.DETECTIONS, query.run),
        condition(query),
        sort_keys(query, order),
        limit,
        steady=True,
    )
    return complete_results(topics.DETECTIONS, found, RejectedRecords(topics.DETECTIONS))


def find_page(
    client: Elasticsearch, query: Query, order: Order, size: int, after: Position | None
) -> Page:
    """Return the next `size` pictures after a position, and from the beginning also their number.

    New records may come in between two pages: those that belong after the position are found, and
    none comes twice.
    """
    reply = ask(
        client,
        count_up_to=0 if after else COUNT_LIMIT,
        index=alias(topics.DETECTIONS, query.run),
        ignore_unavailable=True,
        query=condition(query),
        sort=sort_keys(query, order),
        search_after=after,
        size=size + 1,
        source_excludes=ADDED,
    )
    hits = reply["hits"]["hits"]
    shown = (hit.get("_source") for hit in hits[:size])
    return Page(
        list(complete_results(topics.DETECTIONS, shown, RejectedRecords(topics.DETECTIONS))),
        end=hits[size - 1]["sort"] if len(hits) > size else None,
        found=None if after else min(reply["hits"]["total"]["value"], COUNT_LIMIT),
    )


def explain(query: Query, limit: int, order: Order = NEWEST_FIRST) -> tuple[str, Json]:
    """Return the index that is searched, and the body of the first request."""
    body = {
        "query": condition(query),
        "sort": sort_keys(query, order),
        "size": min(limit, PAGE),
        "track_total_hits": False,
    }
    return alias(topics.DETECTIONS, query.run), body


def known_values(
    client: Elasticsearch,
    run: str,
    field: str,
    cameras: Sequence[str] = (),
    *,
    phones: bool = True,
) -> list[str]:
    """Return the values that a field has in the detections of a run, the most frequent first.

    Fields are CAMERA, SITE, LABEL and ZONE; `cameras`: of these only, empty: of all;
    `phones`: also of phones of the seeing aid.
    """
    values: Json = {"values": {"terms": {"field": field, "size": KNOWN_LIMIT}}}
    path, nested, _ = field.rpartition(".")
    reply = ask(
        client,
        index=alias(topics.DETECTIONS, run),
        ignore_unavailable=True,
        query=_of_cameras(Query(cameras=tuple(cameras), phones=phones)),
        aggregations={"all": {"nested": {"path": path}, "aggs": values}} if nested else values,
        size=0,
    )
    found = reply.get("aggregations", {})
    found = found.get("all", {}) if nested else found
    return [bucket["key"] for bucket in found.get("values", {}).get("buckets", [])]


def time_zones(client: Elasticsearch, query: Query) -> set[str]:
    """Return the time zones of the cameras that a query asks for, by their newest counts.

    Records of detections do not have it; a camera that was not seen for 30 days has none.
    """
    reply = ask(
        client,
        index=alias(topics.COUNTS, query.run),
        ignore_unavailable=True,
        query=_of_cameras(query),
        collapse={"field": CAMERA},
        sort=[{"window_start": "desc"}],
        source=["timezone"],
        size=KNOWN_LIMIT,
    )
    zones = {hit.get("_source", {}).get("timezone") for hit in reply["hits"]["hits"]}
    return {zone for zone in zones if isinstance(zone, str) and zone}


def condition(query: Query) -> Json:
    """Return what `query.matches` says, in Elasticsearch's own language."""
    filters = [*_places(query), *_time(query)]
    filters += [_term(LABEL, label) for label in query.labels]
    if query.conditions != NO_CONDITIONS:
        of_object = _of_object(query.conditions)
        if query.labels:
            filters += [
                _nested("objects", [_term("objects.label", label), *of_object])
                for label in query.labels
            ]
        else:
            filters.append(_nested("objects", of_object))
    excluded: list[Json] = [{"terms": {LABEL: list(query.without)}}] if query.without else []
    excluded += _phones(query)
    if query.labels and (query.min_count, query.max_count) != (None, None):
        number = _range("label_counts.count", gte=query.min_count, lte=query.max_count)
        filters += [
            _nested("label_counts", [_term("label_counts.label", label), number])
            for label in query.labels
        ]
    elif not query.labels:
        if query.min_count:
            filters.append(
                _nested("label_counts", [_range("label_counts.count", gte=query.min_count)])
            )
        if query.max_count is not None:
            excluded.append(
                _nested("label_counts", [_range("label_counts.count", gt=query.max_count)])
            )
    if query.min_level is not None:
        filters.append(_nested("threats", [_range("threats.level", gte=query.min_level)]))
    return {"bool": {"filter": filters, **({"must_not": excluded} if excluded else {})}}


def sort_keys(query: Query, order: Order) -> list[Json]:
    """Return what `domain.search.order.ordered` says, in Elasticsearch's own language."""
    way = "desc" if order.descending else "asc"
    newest: Json = {"captured_at": "desc"}
    by_id: Json = {"id": "asc"}
    match order.key:
        case "captured":
            return [{"captured_at": way}, by_id]
        case "camera":
            return [{CAMERA: way}, newest, by_id]
        case "level":
            keys = _sorted_by("threats.level", "max", way, [])
        case "count":
            labels = [{"terms": {"label_counts.label": list(query.labels)}}] if query.labels else []
            keys = _sorted_by("label_counts.count", "sum", way, labels)
        case "score" | "size":
            about = _of_object(query.conditions)
            if query.labels:
                about.append({"terms": {"objects.label": list(query.labels)}})
            keys = _sorted_by(f"objects.{order.key}", "max", way, about)
    return [keys, newest, by_id]


def _sorted_by(field: str, mode: str, way: str, filters: list[Json]) -> Json:
    """Return the key for one number of all objects; where there is none, it is 0."""
    nested: Json = {"path": field.partition(".")[0]}
    if filters:
        nested["filter"] = {"bool": {"filter": filters}}
    key: Json = {"order": way, "mode": mode, "missing": 0, "nested": nested}
    if field == f"objects.{SIZE}":
        key["unmapped_type"] = "float"  # indices of before it was searchable
    return {field: key}


def _places(query: Query) -> list[Json]:
    wanted = {CAMERA: query.cameras, SITE: query.sites}
    return [{"terms": {field: list(values)}} for field, values in wanted.items() if values]


def _phones(query: Query) -> list[Json]:
    """Return what is excluded of phones of the seeing aid."""
    return [] if query.phones else [{"regexp": {CAMERA: EYE_CAMERA.pattern}}]


def _of_cameras(query: Query) -> Json:
    """Return the condition for records of the cameras and sites of a query, whatever is in them."""
    return {"bool": {"filter": _places(query), "must_not": _phones(query)}}


def _time(query: Query) -> list[Json]:
    filters: list[Json] = []
    if query.since is not None or query.until is not None:
        since, until = (
            rfc3339(at) if at is not None else None for at in (query.since, query.until)
        )
        filters.append(_range("captured_at", gte=since, lt=until))
    if query.weekdays != EVERY_DAY or query.hours != ALL_DAY:
        filters.append(_hours(query))
    return filters


def _hours(query: Query) -> Json:
    """Return the hours before midnight of some days, or those after it of the days that follow."""
    days = sorted(query.weekdays)
    next_days = sorted(day % 7 + 1 for day in days)
    parts = [
        {"bool": {"filter": [{"terms": {"weekday": on}}, {"terms": {"hour": list(hours)}}]}}
        for on, hours in (
            (days, query.hours.until_midnight),
            (next_days, query.hours.after_midnight),
        )
        if hours
    ]
    return {"bool": {"should": parts, "minimum_should_match": 1}}


def _of_object(conditions: ObjectConditions) -> list[Json]:
    filters = [
        _range("objects.score", gte=conditions.min_score, lte=conditions.max_score),
        _range("objects.size", gte=conditions.min_size, lte=conditions.max_size),
    ]
    filters = [each for each in filters if any(each["range"].values())]
    for field, value in (
        ("objects.zones", conditions.zone),
        ("objects.sector", conditions.sector),
        ("objects.track_id", conditions.track_id),
    ):
        if value is not None:
            filters.append(_term(field, value))
    if conditions.inside:
        limits = zip(SIDES, msgspec.structs.astuple(conditions.inside), strict=True)
        filters += [
            _range(f"objects.{side}", **{"gte" if side.endswith("min") else "lte": limit})
            for side, limit in limits
        ]
    return filters


def _range(field: str, **bounds: object) -> Json:
    return {"range": {field: {name: at for name, at in bounds.items() if at is not None}}}


def _term(field: str, value: str) -> Json:
    return {"term": {field: value}}


def _nested(path: str, filters: list[Json]) -> Json:
    return {"nested": {"path": path, "query": {"bool": {"filter": filters}}}}
