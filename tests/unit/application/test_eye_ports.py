"""The ways of the seeing aid to Kafka and from Redis."""

import pytest

from producers import publisher as publish
from producers.publisher import Publisher
from pycturestream.application.eye_ports import KafkaPictures, RedisPushes
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import Frame
from tests.unit.producers.test_publisher import Broker
from tests.waiting import eventually


class BrokenBroker(Broker):
    def send(self, _topic, **_record):
        raise OSError("away")


@pytest.mark.parametrize(("broker", "failures"), [(Broker, 0), (BrokenBroker, 1)])
def test_who_sends_a_picture_is_told_if_it_does_not_arrive(monkeypatch, broker, failures):
    monkeypatch.setattr(publish, "producer", broker)
    publisher = Publisher(Settings(), "live", SystemClock())
    told = []
    KafkaPictures(publisher).publish(Frame("eye-1", 1, b"jpeg"), lambda: told.append(1))
    publisher.close()
    assert len(told) == failures
    assert len(publisher._kafka.records) == 1 - failures


def test_without_redis_it_is_tried_again_and_said_once(capfd):
    pushes = RedisPushes(Settings(redis_address="redis://127.0.0.1:1/0"))
    pushes.start(lambda _: True, lambda *_: None)
    assert eventually(lambda: "waits for Redis" in "".join(capfd.readouterr()))
    assert not pushes.is_connected
    pushes.close()
