"""All cameras of a file in one process, with fakes in place of Kafka."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from producers.publish_accounting import PublishAccount
from producers.rate_control import RateControl
from producers.settings_lookup import FollowedSettings
from pycturestream.application import run_cameras
from pycturestream.application.run_cameras import running_cameras
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.settings import Settings
from pycturestream.log.cameras import SettingsPublishError
from tests.waiting import eventually


@dataclass
class FakePublisher:
    """Acknowledges every frame at once, and lists what is done in its order."""

    done: list
    frames: list = field(default_factory=list)

    def connect(self):
        self.done.append("connect")

    def open_account(self):
        return PublishAccount(10)

    def publish(self, frame, account):
        account.begin(timeout_s=0)
        self.frames.append(frame)
        account.deliver(frame.captured_at)

    def emit_event(self, event):
        self.done.append(event.event)

    def close(self):
        self.done.append("close")


@dataclass
class FakeBroker:
    """Takes settings, once it has rejected them `rejections` times."""

    publisher: FakePublisher
    rejections: int = 0

    def apply(self, cameras, _settings, _clock):
        assert [camera.camera_id for camera in cameras] == ["gate"]
        if self.rejections:
            self.rejections -= 1
            raise SettingsPublishError("broker: camera settings not taken")
        self.publisher.done.append("apply")


@pytest.fixture
def publisher(monkeypatch):
    publisher = FakePublisher([])
    monkeypatch.setattr(run_cameras, "Publisher", lambda *_: publisher)
    for followed in (FollowedSettings, RateControl):
        name = f"follow {followed.__name__}"
        monkeypatch.setattr(
            followed,
            "follow_topic",
            lambda _self, _settings, name=name: publisher.done.append(name),
        )
    return publisher


@pytest.fixture
def broker(publisher, monkeypatch):
    broker = FakeBroker(publisher)
    monkeypatch.setattr(run_cameras, "apply_cameras", broker.apply)
    return broker


@pytest.fixture
def file(tmp_path):
    (tmp_path / "pictures").mkdir()
    picture = tmp_path / "pictures" / "x_20261121T090000Z.jpg"
    cv2.imwrite(str(picture), np.full((48, 64, 3), 120, np.uint8))
    path = tmp_path / "cameras.yaml"
    path.write_text("cameras: [{camera_id: gate, source: pictures, fps: 20, loop: true}]")
    return path


@pytest.fixture
def running(file):
    """Return what runs the cameras of the file until the end of its block."""

    def running():
        settings = Settings(reconnect_backoff_max_ms=50)
        return running_cameras(read_camera_file(file), file, settings, SystemClock())

    return running


@pytest.mark.usefixtures("broker")
def test_the_topics_are_followed_once_the_settings_of_the_file_are_applied(publisher, running):
    with running() as [camera]:
        assert eventually(lambda: len(publisher.frames) >= 3)
        assert camera.is_active

    assert publisher.done.index("apply") < publisher.done.index("connect")
    assert {"follow FollowedSettings", "follow RateControl"} <= set(publisher.done)
    assert publisher.done[-2:] == ["ended", "close"]
    assert not camera.is_active
    assert camera.counts().published == len(publisher.frames)


def test_older_settings_are_not_followed_while_no_broker_takes_those_of_the_file(
    publisher, broker, running
):
    broker.rejections = 3
    with capture_logs() as logs, running():
        assert eventually(lambda: "follow FollowedSettings" in publisher.done)

    assert publisher.done.index("apply") < publisher.done.index("follow FollowedSettings")
    failure = "broker: camera settings not taken; trying again"
    assert [entry["event"] for entry in logs] == [failure] * 3


def test_cameras_run_and_end_while_no_broker_takes_their_settings(publisher, broker, running):
    broker.rejections = 10**9
    with capture_logs(), running():
        assert eventually(lambda: bool(publisher.frames))

    assert "follow FollowedSettings" not in publisher.done
    assert publisher.done[-1] == "close"


@pytest.mark.usefixtures("broker")
def test_nothing_is_applied_once_the_clock_has_stopped(publisher, file):
    clock = SystemClock()
    clock.stop.set()

    with running_cameras(read_camera_file(file), file, Settings(), clock):
        pass

    assert "apply" not in publisher.done
    assert publisher.done[-1] == "close"
