"""What the archive does besides taking pictures: alerts, dead letters, further reasons, retention.

Each has a thread. What can't be done now, because storage or log is away, is done later.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

from kafka.errors import KafkaError

from pycturestream.application.archiving import ArchiveSink
from pycturestream.archive.archive import Archive
from pycturestream.archive.retention import Publish, Retention
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.alerts import decode_alert
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import ALERTS, DEAD_LETTER
from pycturestream.domain.archive.choice import LONGEST_ALERT_MS
from pycturestream.domain.times import MINUTE_MS
from pycturestream.errors import ServiceError
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.dead_letters import dead_letter_of
from pycturestream.log.tailed_topic import TailedTopic
from pycturestream.logging_setup import get_logger

_SETTLE_S: Final = 1.0
_ALERTS_BACK_MS: Final = LONGEST_ALERT_MS + MINUTE_MS
"""An older alert has no frames any more that could be archived."""
_END_S: Final = 2.0
_log = get_logger(__name__)


class ArchiveService:
    """The threads beside an ArchiveSink."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        sink: ArchiveSink,
        publish: Publish,
        cameras: FollowedCameras,
    ) -> None:
        self._settings = settings
        self._sink = sink
        self._cameras = cameras
        self._retention = Retention(archive, publish)
        self._rejected = RejectedRecords(ALERTS)
        self._stop = threading.Event()
        self._tails = [
            TailedTopic(settings, ALERTS, _ALERTS_BACK_MS, self._take_alert),
            # All that the topic holds: what was archived before is not archived again.
            TailedTopic(
                settings, DEAD_LETTER, 2 * settings.frame_retention_ms, self._take_dead_letter
            ),
        ]
        self._threads = [
            self._every(_SETTLE_S, "settle", sink.settle),
            self._every(
                settings.archive_retention_ms / 1000, "retention", self._remove_what_is_due
            ),
        ]

    def start(self) -> None:
        for tail in self._tails:
            tail.start()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._stop.set()
        for tail in self._tails:
            tail.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_END_S)

    def _take_alert(self, message: Any) -> None:
        try:
            self._sink.take_alert(decode_alert(message.value or b""))
        except CodecError as error:
            self._rejected.report_message(message, error)

    def _take_dead_letter(self, message: Any) -> None:
        self._cameras.require(self._settings.store_timeout_ms / 1000)
        letter = dead_letter_of(message)
        self._sink.take_dead_letter(letter, self._cameras.cameras.get(letter.camera_id))

    def _remove_what_is_due(self) -> None:
        fault, removed = None, 0
        try:
            self._cameras.require(self._settings.store_timeout_ms / 1000)
        except KafkaError as error:
            fault = error
        # Without their settings, each picture stays as was planned, and no longer.
        cameras = {} if fault else self._cameras.cameras
        archiving = {name: camera.archive for name, camera in cameras.items()}
        try:
            for _ in self._retention.run(archiving, now()):
                removed += 1
        finally:
            if removed:
                _log.info(f"{removed} pictures were removed from the archive", removed=removed)
        if fault:
            raise fault

    def _every(self, seconds: float, name: str, work: Callable[[], None]) -> threading.Thread:
        """Return a thread that does something again and again, whatever happens."""

        def run() -> None:
            logged = ""
            while not self._stop.is_set():
                try:
                    work()
                except (ServiceError, KafkaError) as error:
                    fault = str(error or type(error).__name__)
                    if fault != logged:
                        _log.warning(f"archive, {name}: {fault}; trying again")
                    logged = fault
                except Exception:  # noqa: BLE001 - nothing would start this thread again
                    _log.exception(f"archive, {name}: failed; trying again")
                else:
                    logged = ""
                self._stop.wait(seconds)

        return threading.Thread(target=run, name=f"archive {name}", daemon=True)
