"""Counts, deletes and hands out what Elasticsearch holds of an erased time, in all runs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import COUNTS, RESULTS
from pycturestream.domain.erasure import Erasure, PlaceReport
from pycturestream.domain.times import rfc3339
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.record import TIMES
from pycturestream.stores.search import PAGE

Json = dict[str, Any]

_ROUNDS: Final = 5
"""A deletion leaves out what is changed in the same moment; the next one finds it."""
_LONGEST_S: Final = 600.0
"""A month of a camera is some million records, at several thousand deletions a second."""
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
                self.name, {topic: _count(client, topic, erasure) for topic in RESULTS}
            )

    def erase(self, erasure: Erasure) -> PlaceReport:
        with connect(self._settings) as client:
            patient = client.options(request_timeout=_LONGEST_S)
            touched = {name for topic in RESULTS for name in _indices(client, topic, erasure)}
            erased = {topic: _delete(patient, topic, erasure) for topic in RESULTS}
            note = "".join(filter(None, (_expunge(patient, name) for name in sorted(touched))))
            return PlaceReport(self.name, erased, note=note)


def records_of(client: Elasticsearch, topic: str, erasure: Erasure) -> Iterator[Json]:
    """Yield all records of a topic that an erasure covers, of all runs, in the order of time.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    after: list[Any] | None = None
    while True:
        reply = client.search(
            **_where(topic, erasure),
            # Two runs may have a record of the same id.
            sort=[{TIMES[topic].filed: "asc"}, {"id": "asc"}, {"_index": "asc"}],
            search_after=after,
            size=PAGE,
        )
        hits = reply["hits"]["hits"]
        yield from (hit["_source"] for hit in hits)
        if len(hits) < PAGE:
            return
        after = hits[-1]["sort"]


def camera_ids(client: Elasticsearch) -> set[str]:
    """Return the ids of all cameras of which there is a record.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    found: set[str] = set()
    groups: Json = {"size": PAGE, "sources": [{"camera": {"terms": {"field": "camera_id"}}}]}
    while True:
        reply = client.search(
            index=[f"{topic}-*" for topic in RESULTS],
            ignore_unavailable=True,
            aggregations={"groups": {"composite": groups}},
            size=0,
        )
        group = reply.get("aggregations", {}).get("groups", {})
        found |= {bucket["key"]["camera"] for bucket in group.get("buckets", [])}
        if "after_key" not in group:
            return found
        groups["after"] = group["after_key"]


def _where(topic: str, erasure: Erasure) -> Json:
    """Return the indices and the query that find what `Record.is_erased` says of each record."""
    times = TIMES[topic]
    since, until = rfc3339(erasure.since), rfc3339(erasure.until)
    begins_after = "gt" if topic == COUNTS else "gte"  # a window ends where the next one begins
    conditions = [
        {"term": {"camera_id": erasure.camera_id}},
        {"range": {times.filed: {"lt": until}}},
        {"range": {times.changed: {begins_after: since}}},
    ]
    return {
        "index": f"{topic}-*",
        "query": {"bool": {"filter": conditions}},
        "ignore_unavailable": True,
        "allow_no_indices": True,
    }


def _refreshed(client: Elasticsearch, topic: str, erasure: Erasure) -> Json:
    where = _where(topic, erasure)
    client.indices.refresh(index=where["index"], ignore_unavailable=True, allow_no_indices=True)
    return where


def _count(client: Elasticsearch, topic: str, erasure: Erasure) -> int:
    return int(client.count(**_refreshed(client, topic, erasure))["count"])


def _indices(client: Elasticsearch, topic: str, erasure: Erasure) -> list[str]:
    """Return the names of the indices that hold any of it."""
    by_index: Json = {"indices": {"terms": {"field": "_index", "size": 10_000}}}
    reply = client.search(**_refreshed(client, topic, erasure), aggregations=by_index, size=0)
    buckets = reply.get("aggregations", {}).get("indices", {}).get("buckets", [])
    return [bucket["key"] for bucket in buckets]


def _delete(client: Elasticsearch, topic: str, erasure: Erasure) -> int:
    """Delete until nothing is found; return how many records were deleted."""
    deleted = 0
    for _ in range(_ROUNDS):
        reply: Mapping[str, Any] = client.delete_by_query(
            **_refreshed(client, topic, erasure), conflicts="proceed", refresh=True
        ).body
        deleted += reply["deleted"]
        if not reply["version_conflicts"] and not reply["failures"]:
            break
    return deleted


def _expunge(client: Elasticsearch, index: str) -> str:
    """Have the files of an index written anew, without what was deleted; return why not, if so.

    Otherwise Elasticsearch would keep deleted records in its files until it merges them for another
    reason.
    """
    try:
        client.indices.put_settings(index=index, settings={_ALLOWED: 0})
        client.indices.forcemerge(index=index, only_expunge_deletes=True)
        client.indices.put_settings(index=index, settings={_ALLOWED: None})
    except ApiError as error:
        return f"{index}: deleted records stay in its files until they are merged: {error.message};"
    return ""
