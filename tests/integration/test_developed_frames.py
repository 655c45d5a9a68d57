"""What cameras with masks, gates and full size leave in a real broker."""

import json
import os
import subprocess
import sys
import uuid
from collections import Counter

import cv2
import numpy as np
import pytest

from producers.camera_publisher import CameraPublisher
from producers.picture import Picture
from producers.publisher import Publisher
from producers.settings_lookup import FollowedSettings
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts import topics
from pycturestream.domain.cameras.camera import Camera, Motion, Zone
from pycturestream.domain.frames.frame import header_texts
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end

pytestmark = pytest.mark.integration

LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


@pytest.fixture(scope="module")
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def records(broker):
    def records(camera_id):
        """Return a camera's frames as far as the topic reaches now."""
        return [
            record
            for record in read_to_end(broker, topics.FRAMES)
            if record.key == camera_id.encode()
        ]

    return records


@pytest.fixture
def publish(broker):
    def publish(contents, settings=broker, **values):
        """Publish pictures half a second apart; return the camera's id and counts."""
        camera = Camera(f"camera-{uuid.uuid4()}", **values)
        clock = SystemClock()
        publisher = Publisher(settings, "live", clock)
        publisher.connect()
        began = clock.now()

        class Source:
            def pictures(self, _clock):
                for number, content in enumerate(contents):
                    yield Picture(content, began + 500 * number, "test")

        publisher_of_camera = CameraPublisher(
            camera.camera_id, "live", publisher, clock, settings, FollowedSettings(own=[camera])
        )
        publisher_of_camera.publish_source(Source())
        publisher.close()
        return camera.camera_id, publisher_of_camera.account.counts()

    return publish


def bright(width=640, height=360):
    return np.random.default_rng(0).integers(150, 256, (height, width, 3), dtype=np.uint8)


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def as_jpeg(pixels):
    return bytes(cv2.imencode(".jpg", pixels)[1])


def test_what_is_masked_never_reaches_the_broker(publish, records):
    contents = [bright(), as_jpeg(bright()), as_jpeg(bright())[:-900], b"no picture"]

    camera_id, counts = publish(contents, masks=(LEFT,))

    found = [decoded(record.value) for record in records(camera_id)]
    assert len(found) == counts.published == 2
    assert Counter(counts.dropped) == {"unmaskable": 2}
    assert all(pixels[:, : pixels.shape[1] // 2].max() < 60 for pixels in found)
    assert all(pixels[:, -100:].min() > 60 for pixels in found)


def test_the_counts_of_a_gate_balance(publish, records):
    camera_id, counts = publish(24 * [bright()], motion=Motion("on", heartbeat_s=5.0))

    assert counts.published == len(records(camera_id)) == 3
    assert Counter(counts.dropped) == {"no-motion": 21}


def test_a_large_picture_lies_where_its_record_says(broker, publish, records, tmp_path):
    settings = broker.model_copy(update={"reference_folder": str(tmp_path)})
    content = as_jpeg(bright(1920, 1080))

    camera_id, counts = publish([content], settings, size="full")

    [record] = records(camera_id)
    headers = header_texts(record.headers)
    assert counts.published == 1
    assert record.value == b""
    assert headers["content_type"] == "image/jpeg"
    assert (tmp_path / headers["reference"]).read_bytes() == content


@pytest.mark.usefixtures("broker")
def test_size_full_without_a_folder_is_a_mistake_reported_in_one_line(tmp_path):
    file = tmp_path / "cameras.yaml"
    file.write_text("cameras: [{camera_id: gate, source: x.mp4, size: full}]")
    environment = os.environ | {"PYCTURESTREAM_REFERENCE_FOLDER": ""}

    done = subprocess.run(
        [sys.executable, "-m", "pycturestream.cli.main", "run", str(file)],
        cwd=PROJECT_FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"error: {file}: size full of gate needs a folder that producers and job share: "
        "set PYCTURESTREAM_REFERENCE_FOLDER\n"
    )


@pytest.mark.usefixtures("broker")
def test_a_file_of_cameras_with_a_mask_is_published_masked(records, tmp_path):
    camera_id = f"camera-{uuid.uuid4()}"
    plaza = PROJECT_FOLDER / "samples" / "plaza.mp4"
    file = tmp_path / "cameras.yaml"
    file.write_text(
        f"cameras:\n  - camera_id: {camera_id}\n    source: {plaza}\n    fps: 5\n"
        "    masks: {left: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pycturestream.cli.main", "run", str(file), "--json"],
        cwd=PROJECT_FOLDER,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            while not records(camera_id) and process.poll() is None:
                pass
            process.terminate()
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()

    found = [decoded(record.value) for record in records(camera_id)]
    assert json.loads(out)["published"] == len(found) > 0
    assert all(pixels[:, :384].max() < 60 for pixels in found)
