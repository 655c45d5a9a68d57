"""Pictures found and handed out by HTTP, from a real Elasticsearch and a real log."""

import uuid
from contextlib import closing

import cv2
import numpy as np
import pytest
from kafka import KafkaProducer
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.links import Links
from pycturestream.api.picture_api import picture_paths
from pycturestream.api.picture_search_api import picture_search_paths
from pycturestream.api.picture_turns import PictureTurns
from pycturestream.api.tokens import Tokens
from pycturestream.application.picture_index import ElasticsearchPictures
from pycturestream.application.shown_pictures import ShownPictures
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.erasure import Erasure, Erasures
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.search.order import KEYS, ordered
from pycturestream.domain.search.words import SearchWords, read_search
from pycturestream.domain.times import HOUR_MS
from pycturestream.log.create_topics import create_topics
from pycturestream.pictures.blurred_pictures import BlurredPictures
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests.builders import NOON, detection_record, message
from tests.fake_alert_service import FakeAlertService
from tests.jpegs import pixels_of
from tests.searched import pictures, records
from tests.store_contract import now

pytestmark = pytest.mark.integration

ASTRONAUT = (PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg").read_bytes()
FACE = slice(110, 165), slice(195, 260)
SECONDS = 3


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
def erased():
    """What is erased; a test adds to it."""
    return []


@pytest.fixture(scope="module")
def get(elasticsearch_server, kafka_server, erased, tmp_path_factory):
    """Return a function that asks the application with a token for all cameras."""
    create_topics(kafka_server)
    tokens = Tokens(tmp_path_factory.mktemp("http") / "tokens.json")
    _, text = tokens.create("guard", NOON, HOUR_MS)
    with (
        connect(elasticsearch_server) as client,
        closing(BlurredPictures(kafka_server, lambda: Erasures.of(erased))) as source,
        closing(PictureTurns()) as turns,
    ):
        found = ElasticsearchPictures(client)
        pages = [
            picture_search_paths(found),
            picture_paths(ShownPictures(found, source, dict), turns),
        ]
        app = application(
            FakeAlertService(), tokens, Links("secret", "", HOUR_MS), lambda: NOON, pages=pages
        )
        with TestClient(app) as web:
            web.headers["Authorization"] = f"Bearer {text}"
            yield lambda path="", **parameters: web.get(f"/api/pictures{path}", params=parameters)


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


def test_csv_has_every_picture(get, some_run):
    run, found = some_run
    assert len(get(run=run, format="csv").text.splitlines()) == len(found) + 1


@pytest.fixture(scope="module")
def camera(index, kafka_server):
    """Return the frames of a camera: three in the log, and one that the log has lost."""
    camera_id = f"camera-{uuid.uuid4().hex[:8]}"
    found = []
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    for number in range(SECONDS):
        frame = Frame(camera_id, NOON + number, ASTRONAUT)
        place = producer.send(
            FRAMES, key=camera_id.encode(), value=frame.jpeg, headers=frame.headers(NOON + number)
        ).get(30)
        record = detection_record(
            camera_id=camera_id, captured_at=NOON + number, offset=place.offset, labels=["dog"]
        )
        record["picture"]["partition"] = place.partition
        found.append(record)
    producer.close()
    found.append(detection_record(camera_id=camera_id, captured_at=NOON + SECONDS, offset=10**9))
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
    _, (*_, lost) = camera
    response = get(f"/{lost}.jpg")
    assert response.status_code == 410
    assert response.json()["detail"] == "the picture is missing: no longer in the log"


def test_one_that_is_erased_leaves_no_more(get, camera, erased):
    camera_id, (_, frame, *_) = camera
    assert get(f"/{frame}.jpg").status_code == 200
    erased.append(
        Erasure(camera_id, NOON + 1, NOON + 2, asked_at=NOON + HOUR_MS, reason="asked for")
    )
    response = get(f"/{frame}.jpg")
    assert response.status_code == 410
    assert response.json()["detail"] == "the picture is missing: it is erased"
