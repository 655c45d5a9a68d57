"""Counts, deletes and hands out what Elasticsearch holds of an erased time, in all runs."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch, TransportError

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import ALERT_EVENTS, ARCHIVED, COUNTS, SERVED
from pycturestream.domain.erasure import Erasure, PlaceReport
from pycturestream.domain.times import DAY_MS, rfc3339
from pycturestream.errors import ServiceError
from pycturestream.stores.elasticsearch import CONFLICT, NOT_FOUND, connect, error_message
from pycturestream.stores.paging import PAGE, ask, sources
from pycturestream.stores.record import TIMES, event_raised_at
from pycturestream.stores.search import ALL

Json = dict[str, Any]

_ROUNDS: Final = 5
"""How often nothing of what was found may be deleted, because all of it changed meanwhile."""
_LONGEST_S: Final = 600.0
"""To write the files of a day's index anew takes as long as reading and writing them."""
_MERGES: Final = 8
_MERGE_WAIT_S: Final = 5.0
"""Elasticsearch notices every 30 seconds that no copy of an index needs what was deleted."""
_ALLOWED: Final = "index.merge.policy.expunge_deletes_allowed"


class ElasticsearchPlace:
    """All indices of all topics and runs.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """

    name = "Elasticsearch"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def count(self, erasure: Erasure) -> PlaceReport:
        with connect(self._settings) as client:
            return PlaceReport(
                self.name, {topic: _count(client, topic, erasure) for topic in SERVED}
            )

    def erase(self, erasure: Erasure) -> PlaceReport:
        with connect(self._settings) as client:
            touched = {name for topic in SERVED for name in _indices(client, topic, erasure)}
            erased = {topic: _delete(client, topic, erasure) for topic in SERVED}
            patient = client.options(request_timeout=_LONGEST_S)
            return PlaceReport(self.name, erased, note=_expunge(patient, sorted(touched)))


def records_of(client: Elasticsearch, topic: str, erasure: Erasure) -> Iterator[Json]:
    """Yield all records of a topic that an erasure covers, of all runs, in the order of time.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    where = _where(client, topic, erasure)
    # Two runs may have a record of the same id.
    sort = [{TIMES[topic].in_all: "asc"}, {"id": "asc"}, {"_index": "asc"}]
    yield from sources(client, where["index"], where["query"], sort, ALL)


def camera_ids(client: Elasticsearch) -> set[str]:
    """Return the ids of all cameras of which there is a record.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    found: set[str] = set()
    groups: Json = {"size": PAGE, "sources": [{"camera": {"terms": {"field": "camera_id"}}}]}
    while True:
        reply = ask(
            client,
            index=[f"{topic}-*" for topic in SERVED],
            ignore_unavailable=True,
            aggregations={"groups": {"composite": groups}},
            size=0,
        )
        group = reply.get("aggregations", {}).get("groups", {})
        found |= {bucket["key"]["camera"] for bucket in group.get("buckets", [])}
        if "after_key" not in group:
            return found
        groups["after"] = group["after_key"]


def _where(client: Elasticsearch, topic: str, erasure: Erasure) -> Json:
    """Return the indices and the query that find what `Record.is_erased` says of each record."""
    conditions: list[Json] = [{"term": {"camera_id": erasure.camera_id}}]
    times = TIMES[topic]
    since, until = rfc3339(erasure.since), rfc3339(erasure.until)
    if topic == ALERT_EVENTS:
        moments: list[Json] = [
            {"range": {name: {"gte": since, "lt": until}}} for name in (times.filed, times.changed)
        ]
        moments.append({"terms": {"alert_id": _alerts_of_older_events(client, erasure)}})
        day = {"gt": rfc3339(erasure.since - DAY_MS), "lt": until}
        of_days: list[Json] = [{"term": {"event": "rate"}}, {"range": {times.changed: day}}]
        moments.append({"bool": {"filter": of_days}})
        conditions.append({"bool": {"should": moments, "minimum_should_match": 1}})
    else:
        last_at = times.filed if topic == ARCHIVED else times.changed
        begins_after = "gt" if topic == COUNTS else "gte"  # a window ends where the next one begins
        conditions.append({"range": {times.filed: {"lt": until}}})
        conditions.append({"range": {last_at: {begins_after: since}}})
    return {
        "index": f"{topic}-*",
        "query": {"bool": {"filter": conditions}},
        "ignore_unavailable": True,
        "allow_no_indices": True,
    }


def _alerts_of_older_events(client: Elasticsearch, erasure: Erasure) -> list[str]:
    """Return the erased alerts whose events can't be searched by when the alert was raised.

    The records of older programs don't say it, and the indices of older ones don't search by it.
    """
    times = TIMES[ALERT_EVENTS]
    query = {
        "bool": {
            "filter": [{"term": {"camera_id": erasure.camera_id}}],
            "must_not": [{"exists": {"field": times.filed}}, {"term": {"event": "rate"}}],
        }
    }
    sort = [{times.in_all: "asc"}, {"id": "asc"}, {"_index": "asc"}]
    found = set()
    for event in sources(client, f"{ALERT_EVENTS}-*", query, sort, ALL):
        raised_at = event_raised_at(event)
        if raised_at is not None and erasure.since <= raised_at < erasure.until:
            found.add(event["alert_id"])
    return sorted(found)


def _refreshed(client: Elasticsearch, topic: str, erasure: Erasure) -> Json:
    client.indices.refresh(index=f"{topic}-*", ignore_unavailable=True, allow_no_indices=True)
    return _where(client, topic, erasure)


def _count(client: Elasticsearch, topic: str, erasure: Erasure) -> int:
    return int(client.count(**_refreshed(client, topic, erasure))["count"])


def _indices(client: Elasticsearch, topic: str, erasure: Erasure) -> list[str]:
    """Return the names of the indices that hold any of it."""
    by_index: Json = {"indices": {"terms": {"field": "_index", "size": 10_000}}}
    reply = ask(client, **_refreshed(client, topic, erasure), aggregations=by_index, size=0)
    buckets = reply.get("aggregations", {}).get("indices", {}).get("buckets", [])
    return [bucket["key"] for bucket in buckets]


def _delete(client: Elasticsearch, topic: str, erasure: Erasure) -> int:
    """Delete page by page until nothing is found; return how many records were deleted.

    Not by `_delete_by_query`: its module is not part of the local stack's Elasticsearch.
    """
    deleted = in_vain = 0
    while in_vain < _ROUNDS:
        hits = ask(
            client,
            **_refreshed(client, topic, erasure),
            size=PAGE,
            source=False,
            seq_no_primary_term=True,
            sort=["_doc"],
        )["hits"]["hits"]
        if not hits:
            break
        items = client.bulk(operations=[_deletion(hit) for hit in hits])["items"]
        done = sum(_is_deleted(item["delete"]) for item in items)
        deleted += done
        in_vain += done == 0
    return deleted


def _deletion(hit: Mapping[str, Any]) -> Json:
    """Return the line of a bulk request that deletes what was found, and nothing newer."""
    target = {
        "_index": hit["_index"],
        "_id": hit["_id"],
        "if_seq_no": hit["_seq_no"],
        "if_primary_term": hit["_primary_term"],
    }
    return {"delete": target}


def _is_deleted(item: Mapping[str, Any]) -> bool:
    """Whether a record was deleted; False where it changed meanwhile. Raises ServiceError."""
    if item["status"] in {NOT_FOUND, CONFLICT}:
        return False
    if item["status"] >= 300:
        reason = item["error"].get("reason") or item["error"]["type"]
        raise ServiceError(f"Elasticsearch rejected a deletion in {item['_index']}: {reason}")
    return True


def _expunge(client: Elasticsearch, indices: Sequence[str]) -> str:
    """Have the files of indices written anew, without what was deleted; return why not, if so.

    Otherwise Elasticsearch would keep deleted records in its files until it merges them for another
    reason. For half a minute it keeps them for copies of the index that may be behind, so this is
    repeated until nothing deleted is left, or that time is over: an index that is being written to
    always has some.
    """
    if not indices:
        return ""
    try:
        left = _merge(client, indices)
    except (ApiError, TransportError) as error:
        return f"deleted records stay in its files until they are merged: {error_message(error)}"
    if left:
        return f"{left} deleted or replaced records stay in its files until they are merged"
    return ""


def _merge(client: Elasticsearch, indices: Sequence[str]) -> int:
    """Write the files anew until nothing deleted is in them, or time is over; return what is."""
    left = 0
    try:
        client.indices.put_settings(index=indices, settings={_ALLOWED: 0})
        for _ in range(_MERGES):
            client.indices.flush(index=indices)
            client.indices.forcemerge(index=indices, only_expunge_deletes=True)
            totals = client.indices.stats(index=indices, metric="docs")["_all"]["primaries"]
            left = int(totals["docs"]["deleted"])
            if not left:
                break
            time.sleep(_MERGE_WAIT_S)
    finally:  # otherwise each later merge would write all of these files anew
        client.indices.put_settings(index=indices, settings={_ALLOWED: None})
    return left
