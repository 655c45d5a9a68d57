"""What is drawn in the editor reaches the topic `cameras`, as `cameras apply` would publish it."""

import pytest
from kafka import KafkaProducer
from msgspec.structs import replace
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.camera_settings_api import camera_settings_paths
from pycturestream.api.links import Links
from pycturestream.api.tokens import Tokens
from pycturestream.application.camera_editing import KafkaCameraSettings
from pycturestream.application.cameras import apply_cameras
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import read_camera_file
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.topics import CAMERAS
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.cameras import FollowedCameras, known_cameras
from pycturestream.log.create_topics import create_topics
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService
from tests.waiting import eventually

pytestmark = pytest.mark.integration

CLOCK = SystemClock()
PATH = "/api/cameras/gate/settings"
FILE = """\
cameras:
  - camera_id: gate
    source: rtsp://me:p4ssw0rd@gate.local:554/stream1
    fps: 3
    timezone: Europe/Vienna
    attention: {idle_fps: 0.5, alert_fps: 5}
    zones: {lawn: [[0, 0.5], [1, 0.5], [1, 1]]}
  - camera_id: door
    fps: 1
"""
DRAWN = {
    "zones": [{"name": "drive", "points": [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]}],
    "lines": [{"name": "fence", "points": [[0, 0.4], [1, 0.4]]}],
    "rules": [{"name": "over-the-fence", "labels": ["person"], "crosses": {"fence": "in"}}],
}


@pytest.fixture(scope="module")
def broker(module_settings):
    server = KafkaServer(module_settings)
    launch(server)
    create_topics(module_settings)
    yield module_settings
    halt(server)


@pytest.fixture
def file(broker, tmp_path):
    """Return the path of a file that is in force."""
    path = tmp_path / "cameras.yaml"
    path.write_text(FILE, "utf-8")
    apply_cameras([entry.camera for entry in read_camera_file(path)], broker, CLOCK)
    return path


@pytest.fixture
def followed(broker, file):  # noqa: ARG001 - is applied first
    followed = FollowedCameras(broker)
    yield followed
    followed.close()


@pytest.fixture
def editor(broker, followed, tmp_path):
    """Return the HTTP application as a caller with a token for `gate` has it."""
    tokens = Tokens(tmp_path / "tokens.json")
    _, text = tokens.create("guard", NOON, 60_000, cameras=["gate"])
    pages = [camera_settings_paths(KafkaCameraSettings(followed, broker, CLOCK), ["person"])]
    links = Links("secret", "", 60_000)
    app = application(FakeAlertService(), tokens, links, lambda: NOON, pages=pages)
    return TestClient(app, headers={"Authorization": f"Bearer {text}"})


def in_force(broker, camera_id="gate"):
    return decode_camera(known_cameras(broker)[camera_id], camera_id)


def test_what_is_drawn_is_in_the_topic_and_all_else_as_it_was(broker, editor, followed):
    before, others = in_force(broker), in_force(broker, "door")
    settings = editor.get(PATH).json()
    assert settings["edit"]["zones"][0]["name"] == "lawn"

    response = editor.post(PATH, json=DRAWN | {"revision": settings["revision"]})

    assert response.status_code == 200
    assert editor.get(PATH).json() == response.json()  # at once
    camera = in_force(broker)
    assert [zone.name for zone in camera.zones] == ["drive"]
    assert camera.rules[0].crosses[0].line == camera.lines[0].name == "fence"
    assert camera.revision == response.json()["revision"] > before.revision
    four = {key: getattr(before, key) for key in ("zones", "lines", "rules", "masks", "revision")}
    assert replace(camera, **four) == before
    assert (camera.source, bool(camera.source_digest)) == ("rtsp://gate.local:554", True)
    assert in_force(broker, "door") == others
    assert eventually(lambda: followed.cameras["gate"] == camera)
    # The application can edit what it has just published.
    again = DRAWN | {"lines": [], "rules": [], "revision": camera.revision}
    assert editor.post(PATH, json=again).status_code == 200
    assert in_force(broker).lines == ()


def test_a_file_that_was_applied_meanwhile_is_not_overwritten(broker, editor, file):
    revision = editor.get(PATH).json()["revision"]
    file.write_text(FILE.replace("fps: 3", "fps: 9"), "utf-8")
    apply_cameras([entry.camera for entry in read_camera_file(file)], broker, CLOCK)
    now = in_force(broker)

    assert editor.post(PATH, json=DRAWN | {"revision": revision}).status_code == 409
    assert in_force(broker) == now
    assert editor.post(PATH, json=DRAWN | {"revision": now.revision}).status_code == 200
    assert in_force(broker).fps == 9


def test_settings_that_no_program_of_this_version_reads_are_not_replaced(broker, editor, followed):
    producer = KafkaProducer(bootstrap_servers=broker.kafka)
    producer.send(CAMERAS, key=b"gate", value=b'{"camera_id": "gate", "zones": 7}').get(30)
    producer.close()
    assert eventually(lambda: "gate" in followed.known.unreadable)
    assert editor.get(PATH).status_code == 503
    assert editor.post(PATH, json=DRAWN | {"revision": 0}).status_code == 503
    assert known_cameras(broker)["gate"].endswith(b"7}")
