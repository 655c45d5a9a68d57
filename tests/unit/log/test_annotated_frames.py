"""Annotated pictures on their way to the broker."""

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES_ANNOTATED
from pycturestream.errors import DataError, ServiceError
from pycturestream.log import annotated_frames
from pycturestream.log.annotated_frames import AnnotatedFrameWriter


class Broker:
    """A producer whose broker answers as a test says."""

    def __init__(self):
        self.sent = []
        self.answer = None
        self.waited_for = []

    def send(self, topic, **message):
        self.sent.append((topic, message))
        return self

    def get(self, timeout):
        self.waited_for.append(timeout)
        if self.answer:
            raise self.answer

    def close(self, timeout):
        pass


@pytest.fixture
def broker(monkeypatch):
    broker = Broker()
    monkeypatch.setattr(annotated_frames, "producer", lambda *_, **__: broker)
    return broker


def write():
    AnnotatedFrameWriter(Settings()).write("gate", "gate_20261121T120000000Z", 1_795, b"jpeg")


def test_a_picture_is_acknowledged_with_its_frame_and_time(broker):
    write()

    [(topic, message)] = broker.sent
    assert topic == FRAMES_ANNOTATED == "frames.annotated"
    assert (message["key"], message["value"]) == (b"gate", b"jpeg")
    assert dict(message["headers"]) == {
        "frame_id": b"gate_20261121T120000000Z",
        "captured_at": b"1795",
        "content_type": b"image/jpeg",
    }
    assert broker.waited_for


@pytest.mark.parametrize(
    ("answer", "error"),
    [(KafkaTimeoutError("away"), ServiceError), (MessageSizeTooLargeError("no"), DataError)],
)
def test_a_picture_is_tried_again_only_where_that_may_help(broker, answer, error):
    broker.answer = answer

    with pytest.raises(error):
        write()
