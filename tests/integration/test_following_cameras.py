"""Camera settings that change on a real broker reach their followers."""

import uuid
from functools import partial

import pytest
from kafka import KafkaProducer
from msgspec.structs import replace

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.cameras import encode_camera
from pycturestream.domain.cameras.camera import Camera, Motion, Zone
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.create_topics import create_topics
from tests.waiting import eventually

pytestmark = pytest.mark.integration

WINDOW = Zone("window", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.3)))


@pytest.fixture(scope="module")
def server(module_settings):
    """Yield a broker without other records, which a test may stop and start."""
    server = KafkaServer(module_settings)
    launch(server)
    create_topics(module_settings)
    yield server
    halt(server)


@pytest.fixture
def name():
    """Return a function that makes camera ids that no other test has."""
    return partial("{1}-{0}".format, uuid.uuid4())


@pytest.fixture
def write(server):
    def write(*records):
        """Write camera ids with their settings, bytes, or None for a tombstone."""
        producer = KafkaProducer(bootstrap_servers=server.settings.kafka)
        for camera_id, value in records:
            data = encode_camera(value) if isinstance(value, Camera) else value
            producer.send(topics.CAMERAS, key=camera_id.encode(), value=data).get(30)
        producer.close()

    return write


@pytest.fixture
def follow():
    followed = []

    def follow(settings):
        followed.append(FollowedCameras(settings))
        followed[-1].wait(settings.store_timeout_ms / 1000)
        return followed[-1]

    yield follow
    for each in followed:
        each.close()


def test_existing_settings_are_known_at_once_and_later_ones_soon(server, write, follow, name):
    gate = Camera(name("gate"), masks=(WINDOW,), motion=Motion("trigger"), revision=2)
    write((gate.camera_id, replace(gate, masks=(), revision=1)), (gate.camera_id, gate))
    write((name("attic"), Camera(name("attic"))), (name("attic"), None))

    followed = follow(server.settings)
    assert followed.is_complete
    assert followed.cameras[gate.camera_id] == gate
    assert name("attic") not in followed.cameras

    before = followed.cameras
    write((name("door"), Camera(name("door"))), (gate.camera_id, None))
    assert eventually(lambda: gate.camera_id not in followed.cameras)
    assert followed.cameras[name("door")] == Camera(name("door"))
    assert gate.camera_id in before


def test_an_older_revision_never_replaces_a_newer_one(server, write, follow, name):
    gate, last = Camera(name("gate"), revision=7), Camera(name("last"))
    followed = follow(server.settings)
    write((gate.camera_id, gate), (gate.camera_id, replace(gate, site="old", revision=6)))
    write((last.camera_id, last))

    assert eventually(lambda: last.camera_id in followed.cameras)

    assert followed.cameras[gate.camera_id] == gate


def test_settings_that_can_not_be_read_are_reported_and_left_out(server, write, follow, name):
    gate, door = Camera(name("gate")), Camera(name("door"))
    followed = follow(server.settings)
    write((gate.camera_id, gate), (door.camera_id, door))
    assert eventually(lambda: door.camera_id in followed.cameras)

    thin = Zone("window", ((0.1, 0.1), (0.4, 0.1), (0.1, 0.1)))
    write((gate.camera_id, replace(gate, masks=(thin,))), (door.camera_id, b"{"))
    assert eventually(lambda: door.camera_id not in followed.cameras)

    assert gate.camera_id not in followed.cameras
    assert followed.known.unreadable[gate.camera_id] == "window: must have at least 3 corners"
    assert door.camera_id in followed.known.unreadable


def test_known_settings_stay_while_the_broker_is_away_and_are_followed_again(
    server, write, follow, name
):
    gate = Camera(name("gate"))
    write((gate.camera_id, gate))
    followed = follow(server.settings)

    halt(server)
    assert followed.cameras[gate.camera_id] == gate
    late = follow(Settings(**{**server.settings.model_dump(), "store_timeout_ms": 500}))
    assert not late.is_complete
    assert late.cameras == {}
    launch(server)
    write((gate.camera_id, replace(gate, site="north")))

    for each in (followed, late):
        assert eventually(lambda each=each: each.cameras.get(gate.camera_id) not in (None, gate))
        assert each.cameras[gate.camera_id].site == "north"
