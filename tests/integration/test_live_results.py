"""The results of all cameras for the live pages, on a real Redis that may go away."""

from contextlib import closing

import pytest
from redis import Redis

from pycturestream.application.live_ports import RedisLiveResults, Snapshot
from pycturestream.contracts.topics import ALERTS, DETECTIONS
from pycturestream.localstack.launch import halt, launch
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.redis import RedisStore
from tests.builders import alert_record, detection_record, message
from tests.own_redis import own_redis
from tests.store_contract import now
from tests.waiting import eventually

pytestmark = pytest.mark.integration

PHONE = "eye-00000000000000aa"


@pytest.fixture
def server(stack_settings):
    """A Redis server that a test may stop."""
    with own_redis(stack_settings) as server:
        yield server


@pytest.fixture
def results(server):
    with closing(RedisLiveResults(server.settings)) as results:
        yield results


def write(server, *records):
    with closing(BatchWriter(RedisStore(server.settings))) as writer:
        writer.write(records)


def take(results, count=1):
    """Wait until so much has come."""
    came = []

    def has_come():
        came.extend(results.take())
        return len(came) >= count

    assert eventually(has_come)
    return came


def test_first_comes_what_there_is_and_then_what_is_pushed(server, results):
    held = detection_record(captured_at=now())
    write(server, message(DETECTIONS, held))
    results.start(lambda camera_id: camera_id != PHONE)
    [snapshot] = take(results)
    assert [view.latest["id"] for view in snapshot.views] == [held["id"]]
    newer = detection_record(captured_at=now() + 1)
    phone = detection_record(camera_id=PHONE, captured_at=now())
    alert = alert_record(raised_at=now())
    write(server, message(DETECTIONS, phone), message(DETECTIONS, newer), message(ALERTS, alert))
    pushed = take(results, 2)
    assert sorted(each.channel for each in pushed) == [ALERTS, DETECTIONS]
    assert {each.camera_id for each in pushed} == {"gate"}


def test_everything_is_read_again_where_somebody_asks(server, results):
    results.start(lambda _: True)
    assert take(results) == [Snapshot([])]
    write(server, message(DETECTIONS, detection_record(captured_at=now() - 60_000)))  # no push
    results.read_again()
    [snapshot] = take(results)
    assert [view.camera_id for view in snapshot.views] == ["gate"]


def test_when_redis_comes_back_everything_is_read_again(server, results):
    results.start(lambda _: True)
    take(results)
    assert results.is_connected
    halt(server)
    assert eventually(lambda: not results.is_connected)
    launch(server)
    assert eventually(lambda: results.is_connected)
    assert isinstance(take(results)[0], Snapshot)


def test_stopped_it_collects_nothing_and_can_start_again(server, results):
    results.start(lambda _: True)
    take(results)
    results.stop()
    assert not results.is_connected
    with closing(Redis.from_url(server.settings.redis)) as client:
        assert eventually(lambda: client.pubsub_numpat() == 0)
    results.start(lambda _: True)
    assert isinstance(take(results)[0], Snapshot)
