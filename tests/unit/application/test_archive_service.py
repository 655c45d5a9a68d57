"""What goes on beside the sink of the archive, each in a thread of its own."""

import threading
from types import SimpleNamespace

import msgspec
import pytest
from kafka.errors import KafkaTimeoutError

from pycturestream.application import archive_service
from pycturestream.application.archive_service import ArchiveService
from pycturestream.application.archiving import ArchiveSink
from pycturestream.archive.archive import Archive
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Archiving, Camera
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.times import DAY_MS
from pycturestream.errors import ServiceError
from tests.archives import ListedLog, put
from tests.builders import NOON, alert_record
from tests.waiting import eventually

TIMEOUT_S = 10


class Cameras:
    """The settings of cameras, once they are known."""

    def __init__(self) -> None:
        self.cameras = {"gate": Camera("gate", archive=Archiving(days=1))}
        self.known = True

    def require(self, _timeout_s):
        if not self.known:
            raise KafkaTimeoutError


class Tail:
    """A topic that a test hands messages from."""

    all = {}  # noqa: RUF012 - by topic, of the newest service

    def __init__(self, _settings, topic, _back_ms, handle) -> None:
        self.all[topic] = handle

    def start(self):
        return

    def close(self):
        return


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """A service that was not started, and what it is made of."""
    monkeypatch.setattr(archive_service, "TailedTopic", Tail)
    monkeypatch.setattr(archive_service, "_SETTLE_S", 0.001)
    settings = Settings(archive=str(tmp_path / "archive"), archive_retention_ms=1)
    archive, log, cameras = Archive.of(settings), ListedLog(), Cameras()
    sink = ArchiveSink(archive, log.write, now, Erasures)
    service = ArchiveService(settings, archive, sink, log.write, cameras)
    yield SimpleNamespace(
        archive=archive,
        log=log,
        cameras=cameras,
        sink=sink,
        service=service,
        tails=Tail.all,
    )
    service.close()


def test_what_is_due_is_removed_again_and_again(parts):
    put(parts.archive, now() - 3 * DAY_MS)
    parts.service.start()
    assert eventually(lambda: not list(parts.archive.held("gate")), timeout_s=TIMEOUT_S)
    put(parts.archive, now() - 2 * DAY_MS)
    assert eventually(lambda: not list(parts.archive.held("gate")), timeout_s=TIMEOUT_S)


def test_without_the_settings_of_cameras_each_picture_stays_as_was_planned(parts, capsys):
    parts.cameras.known, parts.cameras.cameras = False, {}
    put(parts.archive, now() - 3 * DAY_MS, days=2)
    put(parts.archive, now() - 3 * DAY_MS + 1, days=9)
    parts.service.start()
    assert eventually(lambda: len(list(parts.archive.held("gate"))) == 1, timeout_s=TIMEOUT_S)
    seen = []

    def is_reported():
        seen.append(capsys.readouterr().err)
        return "retention: KafkaTimeoutError" in "".join(seen)

    assert eventually(is_reported, timeout_s=TIMEOUT_S)
    assert len(list(parts.archive.held("gate"))) == 1


def test_what_fails_is_tried_again(parts, monkeypatch):
    calls = threading.Semaphore(0)
    faults = [ServiceError("storage away"), RuntimeError("a fault of ours")]

    def settle():
        calls.release()
        if faults:
            raise faults.pop()

    monkeypatch.setattr(parts.sink, "settle", settle)
    service = ArchiveService(Settings(), parts.archive, parts.sink, parts.log.write, parts.cameras)
    service.start()
    for _ in range(4):
        assert calls.acquire(timeout=TIMEOUT_S)
    service.close()


def test_alerts_reach_the_sink_and_what_is_none_is_left_out(parts, monkeypatch):
    taken = []
    monkeypatch.setattr(parts.sink, "take_alert", taken.append)
    handle = parts.tails["alerts"]
    for value in (b"no alert", None, msgspec.json.encode(alert_record())):
        handle(SimpleNamespace(topic="alerts", partition=0, offset=1, value=value))
    assert [alert.id for alert in taken] == [alert_record()["id"]]


def test_dead_letters_reach_the_archive(parts):
    headers = {
        "reason": "truncated",
        "size": "3",
        "sha256": "0a" * 32,
        "topic": "frames",
        "partition": "1",
        "offset": "2",
        "received_at": str(NOON),
    }
    message = SimpleNamespace(
        key=b"gate",
        value=b"bad",
        headers=[(name, text.encode()) for name, text in headers.items()],
        timestamp=NOON,
    )
    parts.tails["frames.dead-letter"](message)
    (record,) = parts.log.records
    assert (record.reason, record.path) == ("truncated", None)

    parts.cameras.known = False
    with pytest.raises(KafkaTimeoutError):  # it comes again
        parts.tails["frames.dead-letter"](message)
