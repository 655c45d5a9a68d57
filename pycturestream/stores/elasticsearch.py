"""Writes records to Elasticsearch, where all of them can be searched."""

import logging
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from elasticsearch import ApiError, Elasticsearch, TransportError

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import ALERTS, COUNTS
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import Millis, day
from pycturestream.public_address import hide_addresses
from pycturestream.stores.batch_writer import (
    Answer,
    Busy,
    Done,
    RequestRejected,
    StoreUnavailable,
    Unwritable,
)
from pycturestream.stores.count_document import count_document
from pycturestream.stores.detection_document import document
from pycturestream.stores.index_templates import (
    drop_expired,
    first_kept_day,
    index,
    install_templates,
)
from pycturestream.stores.record import Record

log = logging.getLogger(__name__)

NOT_FOUND: Final = 404
CONFLICT: Final = 409
"""The index holds a newer version of the document."""
DOCUMENT_ERRORS: Final = frozenset(
    {
        "action_request_validation_exception",  # such as an id that is too long
        "document_parsing_exception",
        "invalid_index_name_exception",
        "json_parse_exception",
        "mapper_parsing_exception",
        "max_bytes_length_exceeded_exception",
        "parsing_exception",
        "strict_dynamic_mapping_exception",
        "x_content_parse_exception",
    }
)
"""Types of errors that no repetition changes: a document is to blame. All others depend on the
server's state, which it or an operator changes, whatever their status code: 400 also means that
there are too many shards, or that an index is closed."""
DOCUMENT_LIMITS: Final = re.compile(
    r"immense term|Malformed (action|content)|Limit of (total fields|mapping depth|nested)"
    r"|number of nested documents"
)
"""What distinguishes a document's fault among errors of the type that has every meaning."""
ANY_FAULT: Final = "illegal_argument_exception"
TOO_LARGE: Final = 413
"""Answered by what reads the request first, a proxy too, without a type."""

_DELETE: Final = "delete"

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
        self._runs = {LIVE: ""}
        """By run, the last day on which this process wrote records of it."""

    def prepare(self) -> None:
        """Install the templates, also into a server that came back empty, and drop expired days."""
        oldest = first_kept_day(self._settings, _now())
        self._runs = {run: on for run, on in self._runs.items() if on >= oldest}
        self._runs[LIVE] = _today()
        try:
            for run, written_on in self._runs.items():
                install_templates(self._client, self._settings, run, written_on)
            try:
                drop_expired(self._client, self._settings, _now())
            except ApiError as error:  # such as an old index that someone made read-only
                log.warning("expired indices stay for another day: %s", error_message(error))
        except (ApiError, TransportError) as error:
            raise StoreUnavailable(error_message(error)) from error

    def write(self, records: Sequence[Record]) -> list[Answer]:
        documents = [_document(record) for record in records]
        if sum(map(len, documents)) > REQUEST_BYTES:
            raise RequestRejected(f"more than {REQUEST_BYTES} bytes")
        # Retention is due once a day while this process runs.
        today, runs = _today(), {LIVE, *(record.run for record in records)}
        if any(self._runs.get(run) != today for run in runs):
            self._runs |= dict.fromkeys(runs, today)
            self.prepare()
        answers: dict[int, Answer] = {}
        sent: list[int] = []
        lines: list[Any] = []  # the client passes bytes on as they are, though its types say no
        for number, (record, indexed) in enumerate(zip(records, documents, strict=True)):
            if record.erased and record.topic != ALERTS:
                answers[number] = Done.ERASED
                continue
            sent.append(number)
            lines.append(_action(record))
            if not record.erased:
                lines.append(indexed)
        if lines:
            answers |= zip(sent, map(_answer, self._bulk(lines)), strict=True)
        return [answers[number] for number in range(len(records))]

    def close(self) -> None:
        self._client.close()

    def _bulk(self, lines: list[Any]) -> list[Mapping[str, Any]]:
        """Send one request and return the item of each of its actions."""
        try:
            reply = self._client.bulk(operations=lines)
        except ApiError as error:
            if error.status_code == TOO_LARGE or _blames_document(_error_of(error)):
                raise RequestRejected(error_message(error)) from error
            raise StoreUnavailable(error_message(error)) from error
        except TransportError as error:
            raise StoreUnavailable(error_message(error)) from error
        items: list[Mapping[str, Any]] = reply["items"]
        return items


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _today() -> str:
    return day(_now())


def _action(record: Record) -> bytes:
    """Return the line of a bulk request that gives the index and id of a record.

    `external_gte` accepts what is not older than what is stored, so a repetition does no harm. An
    erased one is deleted by the same order: of an alert, an earlier revision may be stored.
    """
    version = record.changed_at if record.revision is None else record.revision
    target = {
        "_index": index(record.topic, record.run, record.filed_at),
        "_id": record.id,
        "version": version,
        "version_type": "external_gte",
    }
    return msgspec.json.encode({_DELETE if record.erased else "index": target})


def _document(record: Record) -> bytes:
    """Return a record as it is to be indexed."""
    return count_document(record) if record.topic == COUNTS else document(record)


def _answer(action: Mapping[str, Any]) -> Answer:
    [(kind, item)] = action.items()
    status = item["status"]
    if kind == _DELETE and status in {200, NOT_FOUND}:
        return Done.ERASED
    if status < 300:
        return Done.WRITTEN
    if status == CONFLICT:
        return Done.OLDER
    error = item["error"]
    reason = "Elasticsearch: " + ": ".join((error["type"], *_reasons(error)))
    return Unwritable(reason) if _blames_document(error) else Busy(reason)


def _error_of(error: ApiError) -> Mapping[str, Any]:
    """Return the error of a whole request; one without a type where a proxy answered."""
    body = error.body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _blames_document(error: Mapping[str, Any]) -> bool:
    """Whether an error, of a document or a request, is the fault of what it contains."""
    kind, reasons = error.get("type"), " ".join(_reasons(error))
    if kind == ANY_FAULT:
        return DOCUMENT_LIMITS.search(reasons) is not None
    # An index can't be created from a broken template: that is no document's fault.
    return kind in DOCUMENT_ERRORS and "parse mapping" not in reasons


def _reasons(error: Mapping[str, Any]) -> list[str]:
    """Return what an error says, and its cause."""
    cause = error.get("caused_by") or {}
    return [str(text) for text in (error.get("reason"), cause.get("reason")) if text]


def error_message(error: Exception) -> str:
    """Return one line, without the request's body."""
    return hide_addresses(f"Elasticsearch: {error}".splitlines()[0])[:500]
