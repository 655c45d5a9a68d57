"""The archive on a real broker and Elasticsearch: filled, killed, checked, served, and searched."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import closing

import pytest
from kafka import KafkaProducer

from pycturestream.application.archiving import ArchiveSink
from pycturestream.archive.archive import Archive
from pycturestream.archive.retention import Retention
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.contracts.detections import read_detections_record
from pycturestream.contracts.topics import ALERTS, ARCHIVED, DEAD_LETTER, DETECTIONS, FRAMES
from pycturestream.domain.cameras.camera import Archiving, Camera
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import DAY_MS
from pycturestream.log.archived import ArchivedWriter, logged_pictures
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.stores.archived import with_archive
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests import jpegs
from tests.builders import alert_record, detection_record
from tests.waiting import eventually

pytestmark = pytest.mark.integration


def now():
    return time.time_ns() // 1_000_000


@pytest.fixture
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera_id(broker):
    """A camera that archives its alerts, with two seconds before them."""
    name = f"camera-{uuid.uuid4().hex[:8]}"
    camera = Camera(name, archive=Archiving(before_ms=2_000))
    publish_cameras([camera], broker, SystemClock())
    yield name
    publish_cameras([], broker, SystemClock(), forget=[name])


@pytest.fixture
def send(broker):
    producer = KafkaProducer(bootstrap_servers=broker.kafka)

    def send(topic, value, camera_id, headers=()):
        return producer.send(topic, value, key=camera_id.encode(), headers=list(headers)).get(60)

    yield send
    producer.close()


@pytest.fixture
def publish(send):
    """Publish a frame with its record, as camera and job do; return the record."""

    def publish(camera_id, at, **fields):
        jpeg = jpegs.encoded(320, 240)
        headers = Frame(camera_id, at, jpeg).headers(at)
        place = send(FRAMES, jpeg, camera_id, headers)
        record = detection_record(
            camera_id=camera_id, captured_at=at, offset=place.offset, **fields
        )
        record["picture"]["partition"] = place.partition
        send(DETECTIONS, json.dumps(record).encode(), camera_id)
        return record

    return publish


@pytest.fixture
def archived_settings(broker, tmp_path):
    return Settings(
        kafka_servers=broker.kafka,
        data_folder=tmp_path / "data",
        archive=str(tmp_path / "archive"),
    )


@pytest.fixture
def start(archived_settings):
    """Start the picture service; what still runs at the end is killed."""
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-m", "pycturestream.cli.main", "pictures"],
            env=environment(archived_settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=PROJECT_FOLDER,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def held(settings, camera_id):
    return [one.name.stem for one in Archive.of(settings).held(camera_id)]


@pytest.fixture
def command(archived_settings):
    """Run a command, and return the records that it printed."""

    def command(*words):
        ended = subprocess.run(
            [sys.executable, "-m", "pycturestream.cli.main", "archive", *words, "--json"],
            env=environment(archived_settings),
            capture_output=True,
            text=True,
            cwd=PROJECT_FOLDER,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line) for line in ended.stdout.splitlines()]

    return command


def environment(settings):
    return {
        **os.environ,
        "PYCTURESTREAM_KAFKA_SERVERS": settings.kafka_servers,
        "PYCTURESTREAM_DATA_FOLDER": str(settings.data_folder),
        "PYCTURESTREAM_ARCHIVE": settings.archive,
    }


def test_an_alert_is_archived_with_the_seconds_before_and_a_kill_loses_nothing(
    archived_settings, camera_id, publish, send, start, command
):
    first = start()
    begin = now() - 10_000
    before = [publish(camera_id, begin + 500 * number) for number in range(10)]
    threat = {"rule": "people", "level": 3, "alert_id": "people:1"}
    during = [publish(camera_id, begin + 5_000, threats=[threat])]
    assert eventually(lambda: held(archived_settings, camera_id))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    raised = alert_record(camera_id=camera_id, raised_at=begin + 5_000) | {"id": "people:1"}
    send(ALERTS, json.dumps(raised).encode(), camera_id)
    during += [publish(camera_id, begin + 5_500 + 500 * number) for number in range(4)]
    rejected = b"no picture"
    headers = {
        "reason": "not-an-image",
        "detail": "no JPEG",
        "size": str(len(rejected)),
        "sha256": "0b" * 32,
        "topic": FRAMES,
        "partition": "0",
        "offset": "7",
        "received_at": str(begin + 6_000),
    }
    send(
        DEAD_LETTER,
        rejected,
        camera_id,
        [(name, text.encode()) for name, text in headers.items()],
    )
    second = start()
    # Those of the two seconds before, all since, and what was rejected.
    wanted = {record["frame_id"] for record in (*before[6:], *during)}

    def is_complete():
        stems = set(held(archived_settings, camera_id))
        # The first process may have been killed before it told the log.
        told = logged_pictures(archived_settings, camera_id)
        return wanted <= stems == set(told) and len(stems) == len(wanted) + 1

    assert eventually(is_complete), (wanted, held(archived_settings, camera_id))
    second.send_signal(signal.SIGINT)
    printed, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    assert "Traceback" not in printed
    assert command("check", "--camera", camera_id) == []
    listed = command("list", "--camera", camera_id)
    assert {record["frame_id"] for record in listed} == {*wanted, None}
    assert [record["reason"] for record in listed if record["why"] == ["rejected"]] == [
        "not-an-image"
    ]
    assert command("retention", "--dry-run") == []


@pytest.fixture
def client(elasticsearch_server):
    with connect(elasticsearch_server) as client:
        yield client


def test_what_is_archived_is_found_and_neither_redelivery_nor_a_rebuild_loses_it(
    archived_settings, camera_id, publish, elasticsearch_server, client, command
):
    archive, writer = Archive.of(archived_settings), ArchivedWriter(archived_settings)
    sink = ArchiveSink(archive, writer.write, now, Erasures)
    camera = Camera(camera_id, archive=Archiving(alerts=False, every=1))
    records = [publish(camera_id, now() + number) for number in range(3)]
    for record in map(read_detections_record, records):
        for chosen in sink.choose(record, camera):
            pixels = jpegs.pixels_of(jpegs.encoded(320, 240))
            sink.put(FramePicture(chosen, pixels), camera)

    def messages():
        """Return what the serving job reads of this camera."""
        return [
            (topic, message.value)
            for topic in (DETECTIONS, ARCHIVED)
            for message in read_to_end(archived_settings, topic)
            if message.key == camera_id.encode()
        ]

    def archived():
        client.indices.refresh(index="archived", ignore_unavailable=True)
        return [each["picture"]["archive"] for each in with_archive(client, records)]

    with closing(BatchWriter(ElasticsearchStore(elasticsearch_server))) as serving:
        serving.write(messages())
        paths = [archive.find(held.name).path for held in archive.held(camera_id)]
        assert archived() == paths
        # Detections that are written again, out of order, take nothing away.
        serving.write(reversed(messages()))
        assert archived() == paths

        cameras = {camera_id: Archiving(days=1)}
        removed = list(Retention(archive, writer.write).run(cameras, now() + 2 * DAY_MS))
        assert len(removed) == 3
        serving.write(messages())
        assert archived() == [None] * 3
        # The index is lost, and written again from the whole log.
        for name in client.indices.get(index="archived-*", features="aliases"):
            client.indices.delete(index=name)
        serving.write(messages())
        assert archived() == [None] * 3
    writer.close()
    assert command("check", "--camera", camera_id) == []
