"""`pycturestream run` with real streams and a real broker: cameras fail, every frame is counted."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections import defaultdict

import cv2
import numpy as np
import psutil
import pytest
from jsonschema import Draft202012Validator

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts import topics
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import CAMERA_EVENTS
from pycturestream.domain.frames.frame import header_texts
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from tests.rtsp_server import RtspServer
from tests.waiting import eventually

pytestmark = pytest.mark.integration


def draw(number):
    pixels = np.full((240, 320, 3), 40 + number % 160, np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


@pytest.fixture
def cameras():
    """Three cameras: one that stays well, and two that will not."""
    started = {f"{name}-{uuid.uuid4().hex}": RtspServer(draw) for name in ("well", "mute", "dead")}
    yield started
    for camera in started.values():
        camera.stop()


@pytest.fixture
def running(kafka_server, cameras, tmp_path):
    """Run all cameras, their password in the environment."""
    create_topics(kafka_server)
    file = tmp_path / "cameras.yaml"
    lines = [
        f"  - {{camera_id: {camera_id}, "
        f'source: "rtsp://admin:${{DOOR_PASSWORD}}@127.0.0.1:{camera.port}/main"}}\n'
        for camera_id, camera in cameras.items()
    ]
    file.write_text("defaults: {fps: 5}\ncameras:\n" + "".join(lines))
    with subprocess.Popen(
        [sys.executable, "-m", "pycturestream.cli.main", "run", str(file), "--json"],
        cwd=PROJECT_FOLDER,
        env={
            **os.environ,
            "DOOR_PASSWORD": "hunter2",
            "PYCTURESTREAM_CAMERA_TIMEOUT_MS": "2000",
            "PYCTURESTREAM_RECONNECT_BACKOFF_MAX_MS": "1000",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def by_camera(settings, topic, cameras):
    found = defaultdict(list)
    for message in read_to_end(settings, topic):
        if message.key.decode() in cameras:
            found[message.key.decode()].append(message)
    return found


def test_cameras_fail_and_come_back_and_every_frame_is_counted(kafka_server, cameras, running):
    well, mute, dead = cameras

    def pictures(camera_id):
        return len(by_camera(kafka_server, topics.FRAMES, cameras)[camera_id])

    def states(camera_id):
        events = by_camera(kafka_server, CAMERA_EVENTS, cameras)[camera_id]
        return [json.loads(message.value)["event"] for message in events]

    assert eventually(lambda: all(pictures(camera_id) >= 3 for camera_id in cameras))
    cameras[mute].behaviour = "silent"
    cameras[dead].stop()
    assert eventually(lambda: "stalled" in states(mute) and "reconnecting" in states(dead))
    cameras[mute].behaviour = "healthy"
    cameras[dead] = RtspServer(draw, port=cameras[dead].port)
    assert eventually(lambda: states(mute).count("connected") == 2)
    assert eventually(lambda: states(dead).count("connected") == 2)
    cameras[mute].behaviour = "silent"  # a hanging camera does not hang the end
    children = psutil.Process(running.pid).children(recursive=True)
    assert len(children) == 1 + len(cameras)
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)

    assert running.returncode == 0, err
    assert "hunter2" not in out + err
    assert eventually(lambda: not any(child.is_running() for child in children))
    records = {record["camera_id"]: record for record in map(json.loads, out.splitlines())}
    frames = by_camera(kafka_server, topics.FRAMES, cameras)
    for camera_id in cameras:
        assert records[camera_id]["published"] == len(frames[camera_id])
        headers = [header_texts(message.headers) for message in frames[camera_id]]
        assert {each["source"] for each in headers} == {
            f"rtsp://127.0.0.1:{cameras[camera_id].port}"
        }
    assert states(well) == ["connected", "ended"]
    assert states(dead)[:3] == ["connected", "reconnecting", "connected"]
    assert states(mute)[:2] == ["connected", "stalled"]
    assert {states(camera_id)[-1] for camera_id in cameras} == {"ended"}
    for messages in by_camera(kafka_server, CAMERA_EVENTS, cameras).values():
        for message in messages:
            assert b"hunter2" not in message.value
            Draft202012Validator(schema(CAMERA_EVENTS)).validate(json.loads(message.value))
