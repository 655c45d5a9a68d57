"""Which cameras a token shows, and what of their settings."""

import pytest
from kafka.errors import KafkaTimeoutError
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.camera_api import camera_paths
from pycturestream.domain.cameras.camera import Archiving, Camera, Line, Rule, Zone
from pycturestream.domain.cameras.eye import eye_camera
from tests.builders import NOON

PHONE = eye_camera("eye-0123456789abcdef", "ab" * 32)
GATE = Camera(
    "gate",
    site="north",
    setting="indoor",
    timezone="Europe/Berlin",
    source="rtsp://gate.example.org",
    source_digest="a-digest",
    sender_key="ab" * 32,
    zones=(Zone("door", ((0.1, 0.2), (0.3, 0.2), (0.3, 0.9))),),
    lines=(Line("kerb", (0.0, 0.5), (1.0, 0.5)),),
    masks=(Zone("window", ((0, 0), (0.1, 0), (0.1, 0.1))),),
    rules=(
        Rule("stranger", labels=("person",), zones=("door",), level=3),
        Rule("away", about="offline", level=1),
    ),
    annotated=True,
    archive=Archiving(),
)
LISTED_GATE = {
    "camera_id": "gate",
    "site": "north",
    "setting": "indoor",
    "timezone": "Europe/Berlin",
    "zones": {"door": [[0.1, 0.2], [0.3, 0.2], [0.3, 0.9]]},
    "lines": {"kerb": [[0.0, 0.5], [1.0, 0.5]]},
    "masks": {"window": [[0, 0], [0.1, 0], [0.1, 0.1]]},
    "rules": [
        {
            "name": "stranger",
            "about": "things",
            "labels": ["person"],
            "zones": ["door"],
            "level": 3,
        },
        {"name": "away", "about": "offline", "labels": [], "zones": [], "level": 1},
    ],
    "annotated": True,
    "archive": True,
    "originals": False,
}


@pytest.fixture
def listed(service, tokens, links, headers):
    """Return a function that asks for the cameras with a token, of these cameras by default."""

    def ask(current_cameras=lambda: {one.camera_id: one for one in KNOWN}, **limits):
        pages = [camera_paths(current_cameras)]
        app = application(service, tokens, links, lambda: NOON, pages=pages)
        return TestClient(app).get("/api/cameras", headers=headers(**limits))

    return ask


KNOWN = (GATE, PHONE, Camera("door"))


def test_cameras_are_listed_by_id_with_what_pages_show_of_them(listed):
    door, gate = listed().json()
    assert gate == LISTED_GATE
    assert (door["camera_id"], door["timezone"]) == ("door", "UTC")
    assert (door["zones"], door["rules"], door["archive"]) == ({}, [], False)


def test_nothing_of_sources_and_senders_is_told(listed):
    text = listed().text
    assert not [secret for secret in ("rtsp", "digest", "abab") if secret in text]


def test_a_token_of_one_camera_sees_one_camera(listed):
    assert [one["camera_id"] for one in listed(cameras=["door"]).json()] == ["door"]


def test_a_phone_of_the_seeing_aid_is_never_among_them(listed):
    assert listed(cameras=[PHONE.camera_id]).json() == []


def test_without_kafka_it_says_so(listed):
    def away():
        raise KafkaTimeoutError("cameras has not been read yet")

    answer = listed(away)
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Kafka does not answer: try again in a minute"


def test_without_a_token_it_shows_nothing(service, tokens, links):
    pages = [camera_paths(lambda: {"gate": GATE})]
    app = application(service, tokens, links, lambda: NOON, pages=pages)
    assert TestClient(app).get("/api/cameras").status_code == 401
