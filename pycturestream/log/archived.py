"""The topic `archived`: what the archive holds of frames, and what was removed from it."""

import threading
from collections.abc import Sequence
from typing import Any

from pycturestream.config.settings import Settings
from pycturestream.contracts.archived import ArchivedRecord, decode_archived, encode_archived
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import ARCHIVED
from pycturestream.domain.frames.frame import LIVE
from pycturestream.log.clients import Producer, producer
from pycturestream.log.reader import read_to_end


class ArchivedWriter:
    """Writes records for several threads; connects when the first is written."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wait_s = settings.publish_timeout_ms / 1000
        self._kafka: Producer | None = None
        self._connecting = threading.Lock()

    def write(self, records: Sequence[ArchivedRecord]) -> None:
        """Return when the broker has all of them. Lets kafka.errors.KafkaError through."""
        if not records:
            return
        with self._connecting:
            if self._kafka is None:
                self._kafka = self._connect()
        pending = [
            self._kafka.send(ARCHIVED, key=record.camera_id.encode(), value=encode_archived(record))
            for record in records
        ]
        for delivery in pending:
            delivery.get(self._wait_s)

    def close(self) -> None:
        if self._kafka is not None:
            self._kafka.close(timeout=self._wait_s)

    def _connect(self) -> Producer:
        wait: dict[str, Any] = dict.fromkeys(
            ("max_block_ms", "request_timeout_ms", "delivery_timeout_ms"),
            self._settings.publish_timeout_ms,
        )
        return producer(self._settings, "archive", acks="all", **wait)


def logged_pictures(settings: Settings, camera_id: str | None = None) -> dict[str, bytes | None]:
    """Return by id the newest record of each picture, as it is in the log; None: it was removed.

    `camera_id` leaves out those of other cameras. Lets kafka.errors.KafkaError through.
    """
    rejected = RejectedRecords(ARCHIVED)
    newest: dict[str, bytes | None] = {}
    for message in read_to_end(settings, ARCHIVED):
        try:
            record = decode_archived(message.value or b"")
        except CodecError as error:
            rejected.report_message(message, error)
            continue
        if record.run == LIVE and camera_id in {None, record.camera_id}:
            newest[record.id] = None if record.removed_at else message.value
    return newest
