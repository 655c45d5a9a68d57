"""The supervisor runs the picture service while a camera asks for pictures."""

import subprocess
import sys
import uuid

import pytest

from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.cameras.camera import Camera
from pycturestream.localstack.launch import halt
from pycturestream.localstack.stack import PictureServer, is_running
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def pictures(kafka_server):
    """Return the picture service of a stack whose supervisor runs; both end with the test."""
    create_topics(kafka_server)
    server = PictureServer(kafka_server)
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "pycturestream.application.supervisor"], cwd=PROJECT_FOLDER
    )
    yield server
    supervisor.terminate()
    supervisor.wait(60)
    halt(server)


@pytest.fixture
def apply(kafka_server):
    """Return a function that applies settings of a camera; it is forgotten after the test."""
    name = f"camera-{uuid.uuid4()}"

    def apply(**settings):
        publish_cameras([Camera(name, **settings)], kafka_server, SystemClock())

    yield apply
    publish_cameras([], kafka_server, SystemClock(), forget=[name])


def test_it_runs_while_a_camera_asks(pictures, apply):
    apply(annotated=False)
    assert not is_running(pictures)

    apply(annotated=True)
    assert eventually(lambda: is_running(pictures))
    assert eventually(lambda: "pictures of camera-" in pictures.log.read_text())

    apply(annotated=False)
    assert eventually(lambda: not is_running(pictures))
    assert "Traceback" not in pictures.log.read_text()
