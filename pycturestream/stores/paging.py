"""Reads what a search of Elasticsearch finds page by page, to any number."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch

from pycturestream.stores.detection_document import ADDED
from pycturestream.stores.retries import retry

Json = dict[str, Any]

PAGE: Final = 1_000
"""Hits of one request: 2 MB. Elasticsearch allows 10,000."""
KEPT_FOR: Final = "5m"
"""How long a point in time outlives the last page: whoever reads may save pictures in between."""
NO_INDEX: Final = 404


def sources(
    client: Elasticsearch,
    index: str,
    query: Mapping[str, Any],
    sort: Sequence[Mapping[str, Any]],
    limit: int,
    *,
    steady: bool = False,
) -> Iterator[Any]:
    """Yield what at most `limit` hits hold; an index that does not exist yet holds none.

    The last key of `sort` must differ between all hits. With `steady`, all pages are read as the
    index was at the first one (point in time): records that come in between change nothing.
    """
    if steady and limit > PAGE:
        with _point_in_time(client, index) as target:
            yield from _pages(client, target, query, sort, limit)
    else:
        where = {"index": index, "ignore_unavailable": True}
        yield from _pages(client, where, query, sort, limit)


def _pages(
    client: Elasticsearch,
    target: Json | None,
    query: Mapping[str, Any],
    sort: Sequence[Mapping[str, Any]],
    limit: int,
) -> Iterator[Any]:
    after: list[Any] | None = None
    while target and limit > 0:
        reply = ask(
            client,
            **target,
            query=query,
            sort=sort,
            search_after=after,
            size=min(limit, PAGE),
            source_excludes=ADDED,
        )
        if "pit" in target:
            target["pit"]["id"] = reply["pit_id"]  # it may be another one after each request
        hits = reply["hits"]["hits"]
        yield from (hit.get("_source") for hit in hits)
        limit -= len(hits)
        if len(hits) < PAGE:
            return
        after = hits[-1]["sort"]


@contextmanager
def _point_in_time(client: Elasticsearch, index: str) -> Iterator[Json | None]:
    """Yield where to search the index as it is now; None where there is none."""
    try:
        pit = {"id": _open(client, index), "keep_alive": KEPT_FOR}
    except ApiError as error:
        if error.status_code != NO_INDEX:
            raise
        yield None
        return
    try:
        yield {"pit": pit}
    finally:
        client.options(ignore_status=NO_INDEX).close_point_in_time(id=pit["id"])


def _is_opening(error: Exception) -> bool:
    """Whether an index answers in a moment: today's first record has just created it."""
    return isinstance(error, ApiError) and error.status_code == 503


@retry(on=_is_opening, timeout=10)
def _open(client: Elasticsearch, index: str) -> str:
    reply = client.open_point_in_time(index=index, keep_alive=KEPT_FOR)
    return str(reply["id"])


@retry(on=_is_opening, timeout=10)
def ask(client: Elasticsearch, *, count_up_to: int = 0, **search: Any) -> Json:
    """Return the reply to a search, with the number of all hits as far as they are counted."""
    reply = client.search(track_total_hits=count_up_to or False, **search)
    return dict(reply.body)
