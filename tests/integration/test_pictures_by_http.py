"""Pictures found and handed out by HTTP, from a real Elasticsearch and a real log."""

import json
import os
import subprocess
import uuid

import cv2
import numpy as np
import pytest
import requests
from kafka import KafkaProducer

from pycturestream.api.tokens import tokens_of
from pycturestream.cli.composition.api import api_application
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.erasure import Erasure
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.search.order import KEYS, ordered
from pycturestream.domain.search.words import SearchWords, read_search
from pycturestream.domain.times import HOUR_MS, parse_rfc3339
from pycturestream.log.create_topics import create_topics
from pycturestream.log.erasures import publish_erasure
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests.builders import NOON, detection_record, message
from tests.jpegs import pixels_of
from tests.searched import pictures, records
from tests.served import served
from tests.store_contract import now
from tests.waiting import eventually

pytestmark = pytest.mark.integration

ASTRONAUT = (PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg").read_bytes()
FACE = slice(110, 165), slice(195, 260)
GUIDE = (PROJECT_FOLDER / "docs" / "api.md").read_text("utf-8")
DOCUMENTED = "http://127.0.0.1:8090"


@pytest.fixture(scope="module")
def index(elasticsearch_server):
    """Return a function that writes detections records and makes them searchable."""
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))

    def write(found):
        writer.write(message(DETECTIONS, record) for record in found)
        with connect(elasticsearch_server) as client:
            client.indices.refresh()

    yield write
    writer.close()


@pytest.fixture(scope="module")
def token(kafka_server):
    _, text = tokens_of(kafka_server).create("guard", now(), HOUR_MS)
    return text


@pytest.fixture(scope="module")
def web(elasticsearch_server, kafka_server):
    """Return the address of the application as `pycturestream serve` has it."""
    create_topics(kafka_server)
    with api_application(elasticsearch_server, None) as app, served(app) as address:
        yield address


@pytest.fixture(scope="module")
def get(web, token):
    """Return a function that asks it with a token for all cameras."""
    headers = {"Authorization": f"Bearer {token}"}
    return lambda path="", **parameters: requests.get(
        f"{web}/api/pictures{path}", params=parameters, headers=headers, timeout=60
    )


@pytest.fixture(scope="module")
def some_run(index):
    """Return the name of a run, and its records."""
    name = f"http-{uuid.uuid4().hex[:8]}"
    found = records(now(), 150, name)
    index(found)
    return name, found


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_hold_all_that_the_plain_filter_finds_in_its_order(get, some_run, key, sign):
    run, found = some_run
    words = {"run": run, "label": "person", "min_score": "0.5", "sort": sign + key}
    shown, numbers, after = [], [], ""
    while after is not None:
        page = get(**words, limit=11, **({"after": after} if after else {})).json()
        shown += [record["id"] for record in page["pictures"]]
        numbers.append(page["found"])
        after = page["next"]

    search = read_search(
        SearchWords(run=run, label=("person",), min_score="0.5", sort=sign + key), NOON
    )
    matching = [each for each in pictures(found) if search.query.matches(each)]
    assert shown == [each.id for each in ordered(matching, search.query, search.order)]
    assert numbers[0] == len(shown) > 11


def test_names_come_from_the_index(get, some_run):
    run, _ = some_run
    assert set(get("/labels", run=run).json()["seen"]) == {
        "person", "car", "truck", "dog", "bicycle",
    }  # fmt: skip
    assert get(run=run, camera="gaet").json()["hints"] == [
        "no camera 'gaet' is known: did you mean 'gate'?"
    ]
    assert get(run=f"{run}-none").json()["found"] == 0


def test_what_a_phone_of_the_seeing_aid_sees_is_not_found(get, index):
    run = f"http-{uuid.uuid4().hex[:8]}"
    cameras = "eye-0123456789abcdef", "eye-lens"
    index([detection_record(camera_id=name, run=run) for name in cameras])
    assert [each["camera_id"] for each in get(run=run).json()["pictures"]] == ["eye-lens"]


def test_csv_has_every_picture(get, some_run):
    run, found = some_run
    assert len(get(run=run, format="csv").text.splitlines()) == len(found) + 1


@pytest.fixture(scope="module")
def publish(kafka_server):
    """Return a function that publishes a frame and returns its record."""
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)

    def publish(camera_id, at):
        frame = Frame(camera_id, at, ASTRONAUT)
        place = producer.send(
            FRAMES, key=camera_id.encode(), value=frame.jpeg, headers=frame.headers(at)
        ).get(30)
        record = detection_record(
            camera_id=camera_id, captured_at=at, offset=place.offset, labels=["dog"]
        )
        record["picture"]["partition"] = place.partition
        return record

    yield publish
    producer.close()


@pytest.fixture(scope="module")
def camera(index, publish, web):  # noqa: ARG001 - the application makes the topics
    """Return the frames of a camera: two in the log, and one that the log has lost."""
    camera_id = f"camera-{uuid.uuid4().hex[:8]}"
    found = [publish(camera_id, NOON + number) for number in range(2)]
    found.append(detection_record(camera_id=camera_id, captured_at=NOON + 2, offset=10**9))
    index(found)
    return camera_id, [record["frame_id"] for record in found]


def test_a_picture_of_the_log_is_blurred_and_drawn_on(get, camera):
    _, (frame, *_) = camera
    plain, annotated, small = (
        get(f"/{frame}.jpg", **options)
        for options in ({}, {"annotated": "true"}, {"width": 128, "annotated": "true"})
    )
    assert plain.headers["cache-control"] == "no-store"
    pixels = pixels_of(plain.content)
    assert np.abs(pixels[FACE].astype(int) - 128).mean() < 8
    original = cv2.imdecode(np.frombuffer(ASTRONAUT, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(original[FACE].astype(int) - 128).mean() > 8
    assert annotated.content != plain.content
    assert pixels_of(small.content).shape == (128, 128, 3)


def test_one_that_is_gone_says_so(get, camera):
    _, (_, _, lost) = camera
    response = get(f"/{lost}.jpg")
    assert response.status_code == 410
    assert response.json()["detail"] == "the picture is missing: no longer in the log"


def test_one_that_is_erased_leaves_no_more(get, camera, kafka_server):
    camera_id, (_, frame, _) = camera
    assert get(f"/{frame}.jpg").status_code == 200
    publish_erasure(kafka_server, Erasure(camera_id, NOON + 1, NOON + 2, asked_at=now()))
    assert eventually(lambda: get(f"/{frame}.jpg").status_code == 410)
    assert get(f"/{frame}.jpg").json()["detail"] == "the picture is missing: it is erased"


def test_the_commands_of_the_guide_work(web, token, index, publish, tmp_path):
    # One with the id of the guide, which is older than its week on some day, and one of today.
    index([publish("gate", parse_rfc3339("2026-11-22T05:38:00Z")), publish("gate", now())])
    section = GUIDE.split("## Pictures\n", 1)[1].split("```\n", 2)[1]
    ended = subprocess.run(
        ["bash", "-ec", section.replace("curl", "curl -sSf").replace(DOCUMENTED, web)],
        env={**os.environ, "TOKEN": token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "pictures" in json.loads(ended.stdout)
    assert (tmp_path / "week.csv").read_text().startswith("captured_at,camera_id,")
    assert pixels_of((tmp_path / "gate.jpg").read_bytes()).shape[2] == 3
