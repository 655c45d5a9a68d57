"""Writes records to Elasticsearch, where all of them can be searched."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from elasticsearch import ApiError, Elasticsearch, TransportError

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import Millis, day
from pycturestream.stores.batch_writer import (
    Answer,
    Busy,
    Done,
    RequestRejected,
    StoreUnavailable,
    Unwritable,
)
from pycturestream.stores.index_templates import drop_expired, index, install_templates
from pycturestream.stores.record import Record

CONFLICT: Final = 409
RECORDS_FAULT: Final = (400, 413)
"""Status codes that no repetition changes. All others (429 too busy, 5xx failing, 401 and 403
locked, disk full) depend on the server's state, which it or an operator changes."""

REQUEST_BYTES: Final = 10_000_000
"""Elasticsearch advises 5 to 15 MB. To a request of more than a tenth of its heap it answers 429,
as if busy, however often it is repeated, so no larger one may be sent."""


def connect(settings: Settings) -> Elasticsearch:
    """Return a client that fails at once: BatchWriter alone decides about retries."""
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # what it logs, it also raises
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
        """The day of the last preparation: retention is due once a day while this process runs."""

    def prepare(self) -> None:
        """Install the templates, also into a server that came back empty, and drop expired days."""
        try:
            for run in self._runs:
                install_templates(self._client, self._settings, run)
            drop_expired(self._client, self._settings, _now())
        except (ApiError, TransportError) as error:
            raise StoreUnavailable(_message(error)) from error
        self._prepared_on = _today()

    def write(self, records: Sequence[Record]) -> list[Answer]:
        if len(records) > 1 and sum(len(record.value) for record in records) > REQUEST_BYTES:
            raise RequestRejected(f"more than {REQUEST_BYTES} bytes")
        runs = {record.run for record in records}
        if not runs <= self._runs or self._prepared_on != _today():
            self._runs |= runs
            self.prepare()
        lines: list[Any] = []  # the client passes bytes on as they are, though its types say no
        for record in records:
            lines += (_action(record), record.value)
        try:
            reply = self._client.bulk(operations=lines)
        except ApiError as error:
            if error.status_code in RECORDS_FAULT:
                raise RequestRejected(_message(error)) from error
            raise StoreUnavailable(_message(error)) from error
        except TransportError as error:
            raise StoreUnavailable(_message(error)) from error
        return [_answer(item["index"]) for item in reply["items"]]

    def close(self) -> None:
        self._client.close()


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _today() -> str:
    return day(_now())


def _action(record: Record) -> bytes:
    """Return the line of a bulk request that gives the index and id of a record.

    `external_gte` accepts what is not older than what is stored, so a repetition does no harm.
    """
    version = record.changed_at if record.revision is None else record.revision
    target = {
        "_index": index(record.topic, record.run, record.filed_at),
        "_id": record.id,
        "version": version,
        "version_type": "external_gte",
    }
    return msgspec.json.encode({"index": target})


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


def _message(error: Exception) -> str:
    """Return one line, without the request's body."""
    return f"Elasticsearch: {error}".splitlines()[0][:500]
