"""How a topic is followed, with a broker that is away, or that hands out what a test wrote."""

import threading
import time
from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError, KafkaTimeoutError

from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import encode_camera
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log import followed_topic
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.followed_topic import FollowedTopic

TIMEOUT_S = 10


class Consumer:
    """A topic of one partition, read in one batch."""

    def __init__(self, records):
        self._records = [SimpleNamespace(key=k, value=v, timestamp=0) for k, v in records]
        self._position = 0

    def partitions_for_topic(self, _topic):
        return {0}

    def assign(self, partitions):
        pass

    def seek_to_beginning(self, *partitions):
        pass

    def close(self):
        pass

    def end_offsets(self, partitions):
        return dict.fromkeys(partitions, len(self._records))

    def position(self, _partition):
        return self._position

    def poll(self, timeout_ms):
        batch = self._records[self._position :]
        self._position = len(self._records)
        if not batch:
            time.sleep(timeout_ms / 1000)
        return {TopicPartition("t", 0): batch}


@pytest.fixture
def holding(monkeypatch):
    """Return a function that fills the topic, and the list of those who connected."""
    connected = []

    def holding(*records):
        def connect(_settings):
            connected.append(True)
            return Consumer(records)

        monkeypatch.setattr(followed_topic, "connect", connect)
        return connected

    return holding


def test_a_broker_that_is_away_delays_neither_start_nor_end(monkeypatch):
    given_up = threading.Event()

    def connect(_settings):
        given_up.wait(TIMEOUT_S)
        raise KafkaConnectionError

    monkeypatch.setattr(followed_topic, "connect", connect)
    began = time.monotonic()
    topic = FollowedTopic(Settings(), "t", lambda *_: None, lambda _: None)
    assert not topic.wait(0.01)
    topic.close()
    assert time.monotonic() - began < 0.5 * TIMEOUT_S
    given_up.set()


def test_an_unusable_record_is_left_out_and_the_others_are_followed(holding):
    def apply(values, key, value, _at):
        values[key] = int(value)

    connected, shown = holding((b"a", b"1"), (b"b", b"x"), (b"c", b"3")), {}
    topic = FollowedTopic(Settings(), "t", apply, shown.update)
    assert topic.wait(TIMEOUT_S)
    topic.close()
    assert shown == {"a": 1, "c": 3}
    assert len(connected) == 1


@pytest.mark.parametrize(
    "junk",
    [b'{"camera_id": "gate", "site": "\xff"}', b'{"x": ' + b"[" * 100_000],
    ids=["no UTF-8", "deep"],
)
def test_unreadable_bytes_of_one_camera_leave_the_others_known(holding, junk):
    holding((b"gate", junk), (b"door", encode_camera(Camera("door"))))
    followed = FollowedCameras(Settings())
    assert followed.wait(TIMEOUT_S)
    followed.close()
    assert followed.is_complete
    assert list(followed.cameras) == ["door"]
    assert list(followed.known.unreadable) == ["gate"]


def test_requests_wait_for_a_broker_that_is_away_only_after_the_start(monkeypatch):
    def connect(_settings):
        raise KafkaConnectionError("away")

    monkeypatch.setattr(followed_topic, "connect", connect)
    topic = FollowedCameras(Settings())
    waited = []
    monkeypatch.setattr(topic, "wait", waited.append)
    for _ in range(2):
        with pytest.raises(KafkaTimeoutError):
            topic.require_since_start(TIMEOUT_S)
    began = time.monotonic()
    with monkeypatch.context() as later:
        later.setattr(followed_topic.time, "monotonic", lambda: began + TIMEOUT_S)
        with pytest.raises(KafkaTimeoutError):
            topic.require_since_start(TIMEOUT_S)
    topic.close()
    assert TIMEOUT_S >= waited[0] >= waited[1] > 0
    assert waited[2] == 0
