"""How cameras are, into the topic `camera-events`: nobody waits for the broker."""

import logging
import threading
from queue import SimpleQueue

from kafka.errors import KafkaTimeoutError

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.frame import LIVE
from pycturestream.log.producer import API_VERSION, Producer

_log = logging.getLogger(__name__)

_KEEP_MS = 3_600_000
"""How long an event waits for a broker that is away. Fifty cameras that come and go all the time
make 7 MB of them in an hour."""
_LOOK_MS = 1_000
"""How long one look for a broker takes that was never found."""


class CameraEvents:
    """Sends events in the order in which they are reported; it connects with the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue: SimpleQueue[CameraEvent | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def report(self, event: CameraEvent) -> None:
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
        """Wait for the last answers, no longer than for a live picture."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (kafka := self._open()) is None:
            if self._ending.wait(_LOOK_MS / 1000):
                return
        while (event := self._queue.get()) is not None and self._send(kafka, event):
            pass
        try:
            kafka.flush(self._settings.live_delivery_timeout_ms / 1000)
        except KafkaTimeoutError:
            kafka.abandon()
        kafka.close()

    def _open(self) -> Producer | None:
        """Return a client, or None where the machine has nothing left for it, such as files."""
        try:
            return self._client()
        except Exception as error:  # noqa: BLE001 - nothing would start this thread again
            _log.warning("events of cameras wait: %s", error)
            return None

    def _client(self) -> Producer:
        return Producer(
            bootstrap_servers=self._settings.kafka,
            api_version=API_VERSION,
            acks="all",
            # Twice is as good as once, and without a broker it would wait for an id.
            enable_idempotence=False,
            max_in_flight_requests_per_connection=1,
            delivery_timeout_ms=_KEEP_MS,
            max_block_ms=_LOOK_MS,
            reconnect_backoff_max_ms=_LOOK_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _send(self, kafka: Producer, event: CameraEvent) -> bool:
        """Hand over one event; False where no broker was found until the end."""
        while True:
            try:
                topic, record = to_record(event, LIVE, picture_life_ms=0)
                kafka.send(topic, key=event.camera_id.encode(), value=encode_record(record))
            except KafkaTimeoutError:
                if self._ending.is_set():
                    return False
            except Exception as error:  # noqa: BLE001 - one event must not end the thread of all
                _log.warning("%s: event %s not sent: %s", event.camera_id, event.event, error)
                return True
            else:
                return True
