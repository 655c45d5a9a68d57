"""One subscription of the seeing aid, on a real Redis that may go away."""

import json
import threading
from contextlib import closing

import pytest
from redis import Redis

from pycturestream.application.eye_ports import RedisPushes
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.localstack.launch import halt, launch
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.redis import RedisStore
from tests.builders import detection_record, message, narration_record
from tests.own_redis import own_redis
from tests.store_contract import now
from tests.waiting import eventually

pytestmark = pytest.mark.integration

ANNA, BEN = "eye-00000000000000aa", "eye-00000000000000bb"


@pytest.fixture
def server(stack_settings):
    """A Redis server that a test may stop."""
    with own_redis(stack_settings) as server:
        yield server


@pytest.fixture
def heard(server):
    """What is pushed about one of two phones, with the subscription in `heard.pushes`."""
    pushes = RedisPushes(server.settings)
    heard = Heard(pushes)
    with closing(pushes):
        pushes.start(lambda camera_id: camera_id == ANNA, heard.take)
        assert eventually(lambda: pushes.is_connected)
        yield heard


class Heard:
    def __init__(self, pushes):
        self.pushes = pushes
        self.records = []
        self._lock = threading.Lock()

    def take(self, channel, camera_id, data):
        with self._lock:
            self.records.append((channel, camera_id, json.loads(data)))


def write(server, *records):
    with closing(BatchWriter(RedisStore(server.settings))) as writer:
        writer.write(records)


def test_what_the_serving_job_pushes_about_a_phone_is_heard_and_nothing_else(server, heard):
    seen = detection_record(camera_id=ANNA, captured_at=now())
    said = narration_record(camera_id=ANNA, captured_at=now())
    others = [detection_record(camera_id=name, captured_at=now()) for name in (BEN, "gate")]
    narrated = message("narrations", said)

    write(
        server, *(message(DETECTIONS, each) for each in others), message(DETECTIONS, seen), narrated
    )

    assert eventually(lambda: len(heard.records) == 2)
    assert heard.records == [("detections", ANNA, seen), ("narrations", ANNA, said)]


def test_junk_on_a_channel_is_handed_on_as_it_is(server):
    taken = []
    pushes = RedisPushes(server.settings)
    with closing(pushes), closing(Redis.from_url(server.settings.redis)) as client:
        pushes.start(lambda _: True, lambda *pushed: taken.append(pushed))
        assert eventually(lambda: pushes.is_connected)
        client.publish(f"detections:{ANNA}", b"\xff no record")
        assert eventually(lambda: taken == [("detections", ANNA, b"\xff no record")])


def test_when_redis_comes_back_it_is_heard_again(server, heard):
    halt(server)
    assert eventually(lambda: not heard.pushes.is_connected)
    launch(server)
    assert eventually(lambda: heard.pushes.is_connected)
    record = detection_record(camera_id=ANNA, captured_at=now())
    write(server, message(DETECTIONS, record))
    assert eventually(lambda: [each[2] for each in heard.records] == [record])
