"""Writes what happens to cameras and alerts into their topics, without waiting for the broker."""

import threading
from queue import SimpleQueue

from kafka.errors import KafkaTimeoutError

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.alerts.alert_event import AlertEvent
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.log.clients import Producer, producer
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)

Event = CameraEvent | AlertEvent | DailyRate

_KEEP_MS = 3_600_000
"""How long an event waits for a broker that is away. Fifty cameras that go on- and offline all the
time make 7 MB of events in an hour."""
_CONNECT_MS = 1_000
"""How long one attempt to find a broker takes."""


class EventSender:
    """Sends events in the order in which they are reported, and connects for the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def report(self, event: Event) -> None:
        """Take an event, without waiting."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()
        self._queue.put(event)

    def end(self) -> None:
        """Take no more."""
        self._ending.set()
        self._queue.put(None)

    def join(self) -> None:
        """Wait for the last acknowledgements, no longer than for a live picture."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (kafka := self._open()) is None:
            if self._ending.wait(_CONNECT_MS / 1000):
                return
        while (event := self._queue.get()) is not None and self._send(kafka, event):
            pass
        try:
            kafka.flush(self._settings.live_delivery_timeout_ms / 1000)
        except KafkaTimeoutError:
            kafka.abandon()
        kafka.close()

    def _open(self) -> Producer | None:
        """Return a client, or None where the machine lacks resources for it, such as files."""
        try:
            return self._client()
        except Exception as error:  # noqa: BLE001 - nothing would start this thread again
            _log.warning(f"events have to wait: {error}")
            return None

    def _client(self) -> Producer:
        return producer(
            self._settings,
            "events",
            acks="all",
            # An event may be written twice; without a broker an idempotent client waits for an id.
            enable_idempotence=False,
            max_in_flight_requests_per_connection=1,
            delivery_timeout_ms=_KEEP_MS,
            max_block_ms=_CONNECT_MS,
            reconnect_backoff_max_ms=_CONNECT_MS,
        )

    def _send(self, kafka: Producer, event: Event) -> bool:
        """Hand over one event; return False where no broker was found before the end."""
        while True:
            try:
                topic, record = to_record(event, LIVE, picture_life_ms=0)
                kafka.send(topic, key=event.camera_id.encode(), value=encode_record(record))
            except KafkaTimeoutError:
                if self._ending.is_set():
                    return False
            except Exception as error:  # noqa: BLE001 - one event must not end the thread of all
                _log.warning(
                    f"{event.camera_id}: event {event.event} was not sent: {error}",
                    camera_id=event.camera_id,
                )
                return True
            else:
                return True
