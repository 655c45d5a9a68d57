from threading import Event

import pytest
from kafka.errors import MessageSizeTooLargeError

from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.times import Millis
from pycturestream.log import event_sender
from pycturestream.log.event_sender import EventSender

AT = Millis(1_795_262_400_125)


class Broker:
    """Takes all but what is too large."""

    def __init__(self):
        self.rejections = 0
        self.cameras = []
        self.first = Event()

    def __call__(self, _settings, _role, **_options):
        if self.rejections:
            self.rejections -= 1
            raise OSError("Too many open files")
        return self

    def send(self, _topic, *, key, value):
        if b"endless" in value:
            raise MessageSizeTooLargeError
        self.cameras.append(key)
        self.first.set()

    def flush(self, _timeout):
        pass

    def close(self):
        pass


@pytest.fixture
def broker(monkeypatch):
    broker = Broker()
    monkeypatch.setattr(event_sender, "producer", broker)
    monkeypatch.setattr(event_sender, "_CONNECT_MS", 1)
    return broker


@pytest.mark.parametrize("detail", ["endless", "caf\udce9.mp4"])
def test_an_event_that_can_not_be_sent_does_not_delay_the_others(broker, detail):
    events = EventSender(Settings())

    events.report(CameraEvent("gate", AT, "offline", detail))
    events.report(CameraEvent("yard", AT, "offline"))
    events.end()
    events.join()

    assert broker.cameras == [b"yard"]


def test_events_wait_until_a_client_can_be_made(broker):
    broker.rejections = 2
    events = EventSender(Settings())

    events.report(CameraEvent("gate", AT, "offline"))

    assert broker.first.wait(30)
    events.end()
    events.join()
