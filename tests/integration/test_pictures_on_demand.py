"""The supervisor runs the picture service while a camera asks for pictures or somebody looks."""

import uuid
from contextlib import closing

import pytest

from pycturestream.application.live_pictures import RedisLivePictures
from pycturestream.clock import SystemClock
from pycturestream.domain.cameras.camera import Camera
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.stack import PictureServer, Supervisor, is_running, stop_stack
from pycturestream.localstack.status import server_statuses
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from tests.live_pictures import Page, publishing
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def stack(module_settings):
    """Servers of this module's own: in those that tests share, a supervisor would start jobs."""
    try:
        launch(KafkaServer(module_settings))
        launch(RedisServer(module_settings))
        create_topics(module_settings)
        yield module_settings
    finally:
        stop_stack(module_settings)


@pytest.fixture
def pictures(stack):
    """The picture service; the supervisor that runs keeps it for ten minutes after a look."""
    supervisor, server = Supervisor(stack), PictureServer(stack)
    launch(supervisor)
    yield server
    halt(supervisor)
    halt(server)


@pytest.fixture
def camera(stack):
    """A camera, which is forgotten after the test."""
    name = f"camera-{uuid.uuid4()}"
    yield name
    publish_cameras([], stack, SystemClock(), forget=[name])


def test_it_runs_while_a_camera_asks(stack, pictures, camera):
    def apply(**settings):
        publish_cameras([Camera(camera, **settings)], stack, SystemClock())

    apply(annotated=False)
    assert not is_running(pictures)

    apply(annotated=True)
    assert eventually(lambda: is_running(pictures))
    assert eventually(lambda: "pictures of camera-" in pictures.log.read_text())
    status = {server.name: server for server in server_statuses(stack)}
    for helper in (status["pictures"], status["supervisor"]):
        assert (helper.healthy, helper.port, helper.is_optional) == (True, None, True)

    apply(annotated=False)
    assert eventually(lambda: not is_running(pictures))
    assert "pictures" not in {server.name for server in server_statuses(stack)}
    assert "Traceback" not in pictures.log.read_text()


def test_it_runs_while_somebody_looks(stack, pictures, camera):
    page = Page()
    with closing(RedisLivePictures(stack)) as shown, publishing(stack) as publish:
        shown.start(lambda: page.wanted, page.show)
        assert not is_running(pictures)
        page.wanted = {camera: ["small"]}
        assert eventually(lambda: is_running(pictures))

        def is_shown():
            publish(camera)
            return bool(page.shown(camera))

        assert eventually(is_shown)
