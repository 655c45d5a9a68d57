"""Live pictures from `pycturestream pictures` to whoever looks, on a real broker and Redis."""

import json
import os
import signal
import subprocess
import sys
import uuid
from contextlib import closing

import pytest
import redis

from pycturestream.application.live_pictures import RedisLivePictures
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts import topics
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from pycturestream.privacy.picture_search import find_in_bytes
from tests import jpegs
from tests.live_pictures import Page, publishing
from tests.own_redis import own_redis
from tests.waiting import eventually

pytestmark = pytest.mark.integration

PHONE = f"eye-{uuid.uuid4().hex[:16]}"


@pytest.fixture
def view(kafka_server):
    """A Redis that a test may stop, with an empty memory."""
    with own_redis(kafka_server) as server:
        yield server


@pytest.fixture
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera():
    return f"camera-{uuid.uuid4()}"


@pytest.fixture
def publish(broker):
    with publishing(broker) as publish:
        yield publish


@pytest.fixture
def service(broker, view, tmp_path):
    """Start the picture service, which ends as Ctrl-C ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pycturestream.cli.main", "pictures"],
        env={
            **os.environ,
            "PYCTURESTREAM_KAFKA_SERVERS": broker.kafka,
            "PYCTURESTREAM_REDIS_ADDRESS": view.settings.redis,
            "PYCTURESTREAM_DATA_FOLDER": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT_FOLDER,
    )
    assert eventually(lambda: "that are looked at" in process.stdout.readline())
    yield process
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in printed


@pytest.fixture
def page(view):
    page = Page()
    with closing(RedisLivePictures(view.settings)) as pictures:
        pictures.start(lambda: page.wanted, page.show)
        yield page


@pytest.mark.usefixtures("service")
def test_who_looks_is_shown_blurred_pictures_and_none_is_stored_anywhere(
    broker, view, camera, publish, page
):
    publish(camera)  # nobody looks yet
    page.wanted = {camera: ["small", "large"], PHONE: ["small"]}
    with redis.Redis.from_url(view.settings.redis) as client:
        client.publish("live-picture-requests", json.dumps({"cameras": {PHONE: ["small"]}}))
    published = set()

    def is_shown():
        publish(PHONE)
        published.add(publish(camera))
        sizes = {one.header.size for one in page.shown(camera)}
        return sizes == {"small", "large"}

    assert eventually(is_shown)

    for picture in page.shown(camera):
        header, pixels = picture.header, jpegs.pixels_of(picture.jpeg)
        width, height = {"small": (480, 270), "large": (1280, 720)}[header.size]
        assert header.frame_id in published
        assert (header.width, header.height) == (width, height)
        assert pixels.shape == (height, width, 3)
        # The head of the box [0.1, 0.2, 0.3, 0.9], inside; then what the camera sees.
        assert abs(int(pixels[round(0.3 * height), round(0.2 * width)].mean()) - 128) < 12
        assert abs(int(pixels[round(0.8 * height), round(0.8 * width)].mean()) - 100) < 12
    assert not page.shown(PHONE)

    with redis.Redis.from_url(view.settings.redis) as client:
        assert client.keys() == []
        client.save()
        client.bgrewriteaof()
        assert eventually(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
    files = [path for path in view.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".rdb" for path in files)
    assert not [path for path in files if find_in_bytes(path.read_bytes())]
    for topic in (topics.FRAMES_ANNOTATED, topics.ARCHIVED):
        assert not [one for one in read_to_end(broker, topic) if one.key == camera.encode()]


def test_pictures_come_again_when_redis_does(view, camera, publish, service, page):
    page.wanted = {camera: ["small"]}

    def is_shown():
        publish(camera)
        return bool(page.shown(camera))

    assert eventually(is_shown)
    halt(view)
    publish(camera)
    before = len(page.shown(camera))
    launch(view)

    def is_shown_again():
        publish(camera)
        return len(page.shown(camera)) > before

    assert eventually(is_shown_again)
    assert service.poll() is None
