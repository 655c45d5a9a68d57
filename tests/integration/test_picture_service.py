"""`pycturestream pictures` on a real broker: annotated pictures of cameras that ask for them."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid

import pytest
from kafka import KafkaProducer

from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import DETECTIONS, FRAMES, FRAMES_ANNOTATED
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Frame, header_texts
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from tests import jpegs
from tests.builders import detection_record
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera(broker):
    """A camera that asks for annotated pictures."""
    name = f"camera-{uuid.uuid4()}"
    publish_cameras([Camera(name, annotated=True)], broker, SystemClock())
    yield name
    publish_cameras([], broker, SystemClock(), forget=[name])


@pytest.fixture
def publish(broker):
    """Return a function that publishes a frame and its record, and returns the record."""
    producer = KafkaProducer(bootstrap_servers=broker.kafka)

    def publish(camera_id, at):
        jpeg = jpegs.encoded(640, 480)
        frame = Frame(camera_id, at, jpeg)
        place = producer.send(FRAMES, jpeg, key=camera_id.encode(), headers=frame.headers(at)).get(
            60
        )
        record = detection_record(camera_id=camera_id, captured_at=at, offset=place.offset)
        record["picture"]["partition"] = place.partition
        producer.send(DETECTIONS, json.dumps(record).encode(), key=camera_id.encode()).get(60)
        return record

    yield publish
    producer.close()


@pytest.fixture
def start(broker, tmp_path):
    """Return a function that starts the service; all end with the test."""
    started = []

    def start():
        environment = {
            **os.environ,
            "PYCTURESTREAM_KAFKA_SERVERS": broker.kafka,
            "PYCTURESTREAM_DATA_FOLDER": str(tmp_path),
        }
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "pycturestream.cli.main", "pictures"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=PROJECT_FOLDER,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def stop(process):
    """End the service as Ctrl-C does, and return what it printed."""
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in printed
    return printed


def annotated(broker, camera):
    """Return frame id and JPEG of all annotated pictures of a camera."""
    return [
        (header_texts(message.headers)["frame_id"], message.value)
        for message in read_to_end(broker, FRAMES_ANNOTATED)
        if message.key == camera.encode()
    ]


def now():
    return time.time_ns() // 1_000_000


def test_pictures_of_cameras_that_ask_are_published_blurred_and_once(
    broker, camera, publish, start
):
    records = [publish(camera, now() + number) for number in range(3)]
    publish("camera-that-did-not-ask", now())
    process = start()

    assert eventually(lambda: len(annotated(broker, camera)) == 3)

    pictures = annotated(broker, camera)
    assert {frame for frame, _ in pictures} == {record["frame_id"] for record in records}
    for _, jpeg in pictures:
        pixels = jpegs.pixels_of(jpeg)
        assert pixels.shape == (480, 640, 3)
        # The head of the box [0.1, 0.2, 0.3, 0.9], inside.
        assert abs(int(pixels[150, 120].mean()) - 128) < 12
    assert f"pictures of {camera}" in stop(process)

    # What was done does not come again.
    last = publish(camera, now() + 10)
    again = start()
    assert eventually(lambda: last["frame_id"] in {frame for frame, _ in annotated(broker, camera)})
    stop(again)
    assert len(annotated(broker, camera)) == 4
    assert not annotated(broker, "camera-that-did-not-ask")


def test_after_a_kill_nothing_is_missing(broker, camera, publish, start):
    process = start()
    assert eventually(lambda: "pictures of" in process.stdout.readline())
    records = [publish(camera, now() + number) for number in range(20)]
    assert eventually(lambda: annotated(broker, camera))
    process.kill()
    process.wait()

    again = start()
    wanted = {record["frame_id"] for record in records}
    assert eventually(lambda: {frame for frame, _ in annotated(broker, camera)} == wanted)
    stop(again)


def test_two_services_on_one_folder_are_refused(start):
    first = start()
    assert eventually(lambda: "pictures of" in first.stdout.readline())

    second = start()

    printed, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "another `pycturestream pictures` works on it" in printed
    assert printed.count("\n") == 1
    stop(first)
