"""Says of detections records what the archive holds of their pictures.

The archive learns of a frame after its detections record was written, and forgets it sooner or
later. So what it holds is an index of its own, and is joined here: a record that is written again,
by a restart or a rebuild, takes nothing away.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import complete_results
from pycturestream.contracts.topics import ARCHIVED
from pycturestream.domain.frames.frame import LIVE
from pycturestream.stores.index_templates import alias
from pycturestream.stores.paging import PAGE, ask

Json = dict[str, Any]


def with_archive(client: Elasticsearch, records: Iterable[Json]) -> Iterator[Json]:
    """Yield detections records; of archived ones `picture` has `archive`, `sha256` and `why`.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    records = iter(records)
    while batch := list(islice(records, PAGE)):
        archived = _archived(client, [each["frame_id"] for each in batch if each["run"] == LIVE])
        for record in batch:
            found = archived.get(record["frame_id"]) if record["run"] == LIVE else None
            yield _joined(record, found) if found else record


def _archived(client: Elasticsearch, frame_ids: Sequence[str]) -> dict[str, Json]:
    """Return by frame id what is archived of these frames now."""
    if not frame_ids:
        return {}
    reply = ask(
        client,
        index=alias(ARCHIVED, LIVE),
        query={
            "bool": {
                "filter": [{"terms": {"frame_id": list(frame_ids)}}],
                "must_not": [{"exists": {"field": "removed_at"}}],
            }
        },
        size=len(frame_ids),
        ignore_unavailable=True,
    )
    found = (hit.get("_source") for hit in reply["hits"]["hits"])
    records = complete_results(ARCHIVED, found, RejectedRecords(ARCHIVED))
    return {record["frame_id"]: record for record in records}


def _joined(record: Json, archived: Json) -> Json:
    names = {"archive": "path", "sha256": "sha256", "why": "why"}
    picture = {name: archived[field] for name, field in names.items()}
    return {**record, "picture": {**record["picture"], **picture}}
