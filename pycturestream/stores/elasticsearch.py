"""Elasticsearch as a view of the log: every record, to be searched."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch, TransportError

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import Millis, day
from pycturestream.stores.batch_writer import (
    Answer,
    Busy,
    Done,
    RequestRefused,
    StoreAway,
    Unwritable,
)
from pycturestream.stores.index_templates import drop_expired, index, install_templates
from pycturestream.stores.record import Record

CONFLICT: Final = 409
RECORDS_FAULT: Final = (400, 413)
"""Status codes that no repetition changes. All others (429 too busy, 5xx failing, 401 and 403
locked, disk full) are the server's state, and an operator's matter."""

REQUEST_BYTES: Final = 10_000_000
"""Elasticsearch advises 5 to 15 MB. It also answers 429, as if busy, for ever to a request
of more than a tenth of its heap, so a too large one must never leave."""


def connect(settings: Settings) -> Elasticsearch:
    """Return a client that fails at once: who waits how long is decided in one place."""
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # what it warns of, it raises
    return Elasticsearch(
        settings.elasticsearch,
        request_timeout=settings.store_timeout_ms / 1000,
        max_retries=0,
        retry_on_timeout=False,
    )


class ElasticsearchStore:
    """Writes a bundle as one bulk request, into the index of each record's own day."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = connect(settings)
        self._runs = {LIVE}
        self._prepared_on = ""
        """The day: retention is due once a day, however long this process lives."""

    def prepare(self) -> None:
        """Install the templates, also into a server that came back empty; drop expired days."""
        try:
            for run in self._runs:
                install_templates(self._client, self._settings, run)
            drop_expired(self._client, self._settings, _now())
        except (ApiError, TransportError) as error:
            raise StoreAway(_said(error)) from error
        self._prepared_on = _today()

    def write(self, records: Sequence[Record]) -> list[Answer]:
        if len(records) > 1 and sum(record.size for record in records) > REQUEST_BYTES:
            raise RequestRefused(f"more than {REQUEST_BYTES} bytes")
        runs = {record.run for record in records}
        if not runs <= self._runs or self._prepared_on != _today():
            self._runs |= runs
            self.prepare()
        operations: list[Mapping[str, Any]] = []
        for record in records:
            operations += (_action(record), record.fields)
        try:
            reply = self._client.bulk(operations=operations)
        except ApiError as error:
            if error.status_code in RECORDS_FAULT:
                raise RequestRefused(_said(error)) from error
            raise StoreAway(_said(error)) from error
        except TransportError as error:
            raise StoreAway(_said(error)) from error
        return [_answer(item["index"]) for item in reply["items"]]

    def close(self) -> None:
        self._client.close()


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _today() -> str:
    return day(_now())


def _action(record: Record) -> Mapping[str, Any]:
    """Return the line of a bulk request that says where the record goes.

    `external_gte` takes what is not older than what is there, so a repetition does no harm.
    """
    version = record.changed_at if record.revision is None else record.revision
    return {
        "index": {
            "_index": index(record.topic, record.run, record.filed_at),
            "_id": record.id,
            "version": version,
            "version_type": "external_gte",
        }
    }


def _answer(item: Mapping[str, Any]) -> Answer:
    status = item["status"]
    if status < 300:
        return Done.WRITTEN
    if status == CONFLICT:
        return Done.OLDER
    error = item["error"]
    cause = error.get("caused_by", {}).get("reason", "")
    reason = ": ".join(part for part in (error["type"], error["reason"], cause) if part)
    return Unwritable(reason) if status in RECORDS_FAULT else Busy(f"Elasticsearch: {reason}")


def _said(error: Exception) -> str:
    """Return one line, without the request's body."""
    return f"Elasticsearch: {error}".splitlines()[0][:500]
