"""A live page on a real Redis: what is written and published there arrives."""

from contextlib import closing

import pytest

from pycturestream.api.tokens import Tokens
from pycturestream.application.live_pictures import RedisLivePictures
from pycturestream.application.live_ports import RedisLiveResults
from pycturestream.clock import SystemClock
from pycturestream.contracts.live_pictures import LivePictureHeader
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.localstack.launch import halt, launch
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.live_pictures import LivePictureWriter
from pycturestream.stores.redis import RedisStore
from tests.builders import detection_record, message
from tests.jpegs import encoded
from tests.live_server import LiveServer
from tests.own_redis import own_redis
from tests.store_contract import now
from tests.unit.api.live_page import open_page
from tests.waiting import eventually

pytestmark = pytest.mark.integration

JPEG = encoded(480, 270)


@pytest.fixture
def redis(stack_settings):
    """A Redis server that a test may stop."""
    with own_redis(stack_settings) as server:
        yield server


@pytest.fixture
def server(redis, tmp_path):
    with (
        closing(RedisLiveResults(redis.settings)) as results,
        closing(RedisLivePictures(redis.settings)) as pictures,
    ):
        tokens = Tokens(tmp_path / "tokens.json")
        server = LiveServer(tokens, redis.settings, results, pictures, is_open=True)
        server.clock = SystemClock()
        with server.running():
            yield server


def write(redis, record):
    with closing(BatchWriter(RedisStore(redis.settings))) as writer:
        writer.write([message(DETECTIONS, record)])


def picture_of(record):
    return LivePictureHeader(
        camera_id=record["camera_id"],
        frame_id=record["frame_id"],
        captured_at=record["captured_at"],
        size="small",
        width=480,
        height=270,
    )


def test_a_picture_arrives_after_what_was_detected_in_it(redis, server):
    held = detection_record(captured_at=now())
    write(redis, held)
    with open_page(server) as page, closing(LivePictureWriter(redis.settings)) as writer:
        page.watch(gate="small")
        page.frame(held["frame_id"])
        newer = detection_record(captured_at=now() + 1)
        write(redis, newer)
        page.frame(newer["frame_id"])
        # Nobody may listen yet: it is published until one arrives.
        arrived = []

        def arrives():
            writer.write(picture_of(newer), JPEG)
            message = page.receive()
            arrived.append(message)
            return not isinstance(message, dict)

        assert eventually(arrives)
        before, picture = [each for each in arrived if not is_news(each)][:2]
        assert before["frame"]["frame_id"] == newer["frame_id"]
        assert (picture.header.captured_at, picture.jpeg) == (newer["captured_at"], JPEG)


def is_news(message):
    return isinstance(message, dict) and message["type"] == "news"


def test_when_redis_comes_back_the_page_goes_on(redis, server):
    with open_page(server) as page:
        page.watch(gate="small")
        page.news(lambda news: news["is_complete"])
        halt(redis)
        page.news(lambda news: not news["is_connected"])
        launch(redis)
        page.news(lambda news: news["is_connected"])
        record = detection_record(captured_at=now())
        write(redis, record)
        page.frame(record["frame_id"])
