"""Commands of docs/search.md, and the pictures behind what is found."""

import re
import shlex
import uuid

import cv2
import numpy as np
import pytest
from kafka import KafkaProducer

from pycturestream.cli.contact_sheet import CAPTION, EMPTY, GAP, HEIGHT, WIDTH
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.frames.frame import Frame
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests import jpegs
from tests.builders import NOON, detection_record, message
from tests.command_line import command_line
from tests.searched import records
from tests.store_contract import now

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("topics")]

GUIDE = (PROJECT_FOLDER / "docs" / "search.md").read_text("utf-8")
COMMANDS = re.findall(r"^\| .+ \| `(find .+?)(?: > \S+)?` \|$", GUIDE, re.MULTILINE)


@pytest.fixture(scope="module")
def topics(kafka_server):
    create_topics(kafka_server)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


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
def some_run(index):
    name = f"guide-{uuid.uuid4().hex[:8]}"
    index(records(now(), 400, name))
    return name


def test_the_guide_has_commands():
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide_works(run, some_run, command):
    _, *words = shlex.split(command)
    if "--run" not in words:
        words += ["--run", some_run]

    ended = run("find", *words)

    assert (ended.status, ended.errors) == (0, "")


def test_a_contact_sheet_shows_what_the_log_still_holds(run, index, kafka_server, tmp_path):
    camera_id = f"camera-{uuid.uuid4().hex[:8]}"
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    found = []
    for number, shade in enumerate((60, 200)):
        frame = Frame(camera_id, NOON + number, jpegs.encoded(640, 360, shade=shade))
        place = producer.send(
            FRAMES, key=camera_id.encode(), value=frame.jpeg, headers=frame.headers(NOON + number)
        ).get(30)
        record = detection_record(
            camera_id=camera_id, captured_at=NOON + number, offset=place.offset, labels=()
        )
        record["picture"]["partition"] = place.partition
        found.append(record)
    producer.close()
    found.append(
        detection_record(camera_id=camera_id, captured_at=NOON + 2, offset=10**9, labels=())
    )
    index(found)

    ended = run(
        "find", "--camera", camera_id, "--sort", "captured", "--contact-sheet", "new/sheet.jpg"
    )  # fmt: skip

    assert (
        "2 of 3 pictures shown in new/sheet.jpg; 1 missing: no longer in the log (1)"
        in ended.output
    )
    sheet = cv2.imdecode(
        np.frombuffer((tmp_path / "new" / "sheet.jpg").read_bytes(), np.uint8), cv2.IMREAD_COLOR
    )
    middles = []
    for number in range(3):
        row, column = divmod(number, 2)
        y = GAP + row * (HEIGHT + CAPTION + GAP) + HEIGHT // 2
        middles.append(sheet[y, GAP + column * (WIDTH + GAP) + WIDTH // 2].mean())
    assert middles == pytest.approx((60, 200, EMPTY), abs=8)
