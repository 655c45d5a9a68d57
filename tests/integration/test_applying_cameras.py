"""What `pycturestream cameras apply` changes reaches cameras that are being published."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts import topics
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.attention import RateRequest
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.create_topics import create_topics
from tests.command_line import command_line
from tests.waiting import eventually

pytestmark = pytest.mark.integration

WHITE, GREY = 250, 120
LEFT_HALF = "[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]"
BOW = "[[0, 0], [1, 1], [1, 0], [0, 1]]"


@pytest.fixture(scope="module")
def broker(module_settings):
    server = KafkaServer(module_settings)
    launch(server)
    create_topics(module_settings)
    yield module_settings
    halt(server)


@pytest.fixture
def run(broker, monkeypatch, capsys):
    assert broker.kafka
    return command_line(monkeypatch, capsys)


@pytest.fixture
def write(broker):
    def write(topic, key, value):
        producer = KafkaProducer(bootstrap_servers=broker.kafka)
        producer.send(topic, key=key.encode(), value=value).get(30)
        producer.close()

    return write


@pytest.fixture
def cameras_yaml(tmp_path):
    """Return what writes the file, and beside it a white and a grey video."""
    for name, grey in {"white": WHITE, "grey": GREY}.items():
        path = str(tmp_path / f"{name}.avi")
        video = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 20, (320, 240))
        for _ in range(40):
            video.write(np.full((240, 320, 3), grey, np.uint8))
        video.release()
    path = tmp_path / "cameras.yaml"

    def write(*cameras):
        path.write_text(json.dumps({"defaults": {"loop": True}, "cameras": cameras}))
        return path

    return write


class Frames:
    """Reads the newest frames of cameras as they come."""

    def __init__(self, consumer):
        self.consumer = consumer
        partitions = [
            TopicPartition(topics.FRAMES, number)
            for number in consumer.partitions_for_topic(topics.FRAMES)
        ]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        self.all = []

    def of(self, camera_id):
        for batch in self.consumer.poll(100).values():
            self.all += batch
        return [record for record in self.all if record.key == camera_id.encode()]

    def left_and_right(self, camera_id):
        """Return how bright both halves of the newest picture are."""
        jpeg = self.of(camera_id)[-1].value
        pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        return pixels[:, :140].max(), pixels[:, 180:].min()

    def rate(self, camera_id, seconds=2):
        """Return how many frames a second come."""
        before = len(self.of(camera_id))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.of(camera_id)
        return (len(self.of(camera_id)) - before) / seconds

    def come(self, camera_id):
        """Whether any frame comes within some time."""
        before = len(self.of(camera_id))
        until = time.monotonic() + 2
        while time.monotonic() < until:
            self.of(camera_id)
        return len(self.of(camera_id)) > before


@pytest.fixture
def frames(broker):
    consumer = KafkaConsumer(bootstrap_servers=broker.kafka, enable_auto_commit=False)
    yield Frames(consumer)
    consumer.close()


class Process:
    """A command in the background, and what it logs meanwhile."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pycturestream.cli.main", *map(str, words)],
            cwd=PROJECT_FOLDER,
            env=os.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.logged = ""
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.logged += line

    def end(self):
        """End it, and return its counts by camera."""
        self.process.send_signal(signal.SIGINT)
        records = [json.loads(line) for line in self.process.stdout]
        assert self.process.wait(60) == 0, self.logged
        return {record["camera_id"]: record for record in records}

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def start(broker):
    started = []

    def start(*words):
        assert broker.kafka
        started.append(Process(*words))
        return started[-1]

    yield start
    for process in started:
        process.close()


def changes(ended):
    assert ended.status == 0, ended.errors
    return {record["camera_id"]: (record["change"], record["keys"]) for record in ended.records}


def test_only_what_is_different_is_applied_and_listed_without_secrets(run, cameras_yaml):
    first = {"camera_id": "a", "source": "rtsp://${USER}:${PASSWORD}@a.local/1", "fps": 2}
    second = {"camera_id": "b", "source": "rtsp://admin:hunter2@b.local/1"}
    run("cameras", "apply", cameras_yaml({"camera_id": "c"}), "--prune")
    made = changes(run("cameras", "apply", cameras_yaml(first, second), "--prune", "--json"))
    assert made == {"a": ("added", []), "b": ("added", []), "c": ("forgotten", [])}

    file = cameras_yaml({**first, "fps": 3, "motion": {"gate": "on"}})
    assert changes(run("cameras", "apply", file, "--json")) == {
        "a": ("changed", ["fps", "motion"]),
        "b": ("missing", []),
    }
    listed = run("cameras", "list", "--json")
    assert {record["camera_id"]: record["source"] for record in listed.records} == {
        "a": "rtsp://a.local",
        "b": "rtsp://b.local",
    }
    assert "hunter2" not in listed.output
    # Another path is another source, though nobody can read it in the topic.
    file = cameras_yaml({**first, "fps": 3, "motion": {"gate": "on"}, "source": "rtsp://a.local/2"})
    assert changes(run("cameras", "apply", file, "--json"))["a"] == ("changed", ["source"])

    assert "b: forgotten" in run("cameras", "apply", file, "--prune").output
    assert [record["camera_id"] for record in run("cameras", "list", "--json").records] == ["a"]
    assert changes(run("cameras", "apply", file, "--json")) == {"a": ("unchanged", [])}


def test_a_file_with_a_mistake_changes_nothing(run, cameras_yaml):
    file = cameras_yaml({"camera_id": "c"}, {"camera_id": "d", "masks": {"bow": json.loads(BOW)}})
    before = run("cameras", "list", "--json").output

    ended = run("cameras", "apply", file)

    assert ended.status == 1
    assert "masks.bow" in ended.errors
    assert run("cameras", "list", "--json").output == before


def test_running_cameras_follow_what_is_applied(run, start, write, cameras_yaml, frames):
    gate = {"camera_id": "gate", "source": "white.avi", "fps": 5}
    door = {"camera_id": "door", "source": "white.avi", "fps": 5}

    def apply(*cameras, prune=False):
        ended = run("cameras", "apply", cameras_yaml(*cameras), *(["--prune"] * prune))
        assert ended.status == 0, ended.errors

    process = start("run", cameras_yaml(gate, door), "--json")
    assert eventually(lambda: frames.of("gate") and frames.of("door"), timeout_s=30), process.logged
    assert min(frames.left_and_right("gate")) > 200

    # A mask holds from the next picture on, and for this camera alone.
    gate["masks"] = {"left": json.loads(LEFT_HALF)}
    apply(gate, door)
    assert eventually(lambda: frames.left_and_right("gate")[0] < 30)
    assert frames.left_and_right("gate")[1] > 200
    assert min(frames.left_and_right("door")) > 200

    # So does a rate, and another source is opened, behind the same mask.
    gate |= {"fps": 15, "source": "grey.avi"}
    apply(gate, door)
    assert eventually(lambda: frames.left_and_right("gate")[1] < 200)
    assert frames.left_and_right("gate")[0] < 30
    assert eventually(lambda: frames.rate("gate") > 8)

    # The job may request more attention, until some time.
    door["attention"] = {"idle_fps": 0.5, "alert_fps": 15}
    apply(gate, door)
    request = RateRequest("door", "alert", None, round(1000 * time.time()) + 600_000, "gate")
    write(topics.ATTENTION, "door", encode_record(to_record(request, "live", 0)[1]))
    assert eventually(lambda: frames.rate("door") > 8)

    # Settings that can't be read, or are gone, publish nothing.
    bad = {"camera_id": "gate", "masks": [{"name": "bow", "polygon": json.loads(BOW)}]}
    write(topics.CAMERAS, "gate", json.dumps(bad).encode())
    assert eventually(lambda: "gate: unreadable settings: bow: must" in process.logged)
    assert eventually(lambda: not frames.come("gate"))
    apply(gate, {"camera_id": "new"}, prune=True)
    assert eventually(lambda: frames.come("gate"))
    assert frames.left_and_right("gate")[0] < 30
    assert eventually(lambda: "door: forgotten" in process.logged)
    assert eventually(lambda: not frames.come("door"))
    assert "new: new, and not published by this process" in process.logged

    records = process.end()
    assert records["gate"]["published"] == len(frames.of("gate"))
    assert records["door"]["published"] == len(frames.of("door"))
