"""A load into a real broker: what was scheduled is what the topic holds."""

import json
import os
import subprocess
import sys
import uuid
from collections import defaultdict

import pytest

from producers.load import Schedule
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts import topics
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.frames.jpeg import read_size
from pycturestream.domain.times import parse_rfc3339
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end

pytestmark = pytest.mark.integration


def load(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "pycturestream.cli.main", "load", *arguments],
        cwd=PROJECT_FOLDER,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_frames_are_in_the_topic_as_they_were_scheduled(kafka_server):
    create_topics(kafka_server)
    prefix = f"load-{uuid.uuid4().hex}"

    done = load(
        *("--cameras", "3", "--fps", "5", "--seconds", "2", "--seed", "7", "--prefix", prefix),
        "--json",
        PYCTURESTREAM_LIVE_DELIVERY_TIMEOUT_MS="60000",  # a busy machine loses nothing
    )

    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    started_at = parse_rfc3339(report["started_at"])
    scheduled = defaultdict(list)
    for due in Schedule(3, 5, 2, seed=7).frames():
        scheduled[f"{prefix}-{due.camera + 1:02}"].append(started_at + int(due.at * 1000))
    found = defaultdict(list)
    for record in read_to_end(kafka_server, topics.FRAMES):
        if record.key.decode() in scheduled:
            headers = header_texts(record.headers)
            found[record.key.decode()].append(int(headers["captured_at"]))
            assert headers["mode"] == "live"
            assert int(headers["sent_at"]) >= int(headers["captured_at"])
            assert len(record.value) <= kafka_server.frame_byte_budget
            assert read_size(record.value).width == 768
    assert found == scheduled
    assert report["cameras"] == {
        camera: {"published": 10, "dropped": {}} for camera in sorted(scheduled)
    }
    assert (report["sent"], report["published"], report["dropped"]) == (30, 30, {})


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--source", "gone.mp4"), 1, "gone.mp4: no such file or folder"),
        (("--prefix", "-x"), 2, "--prefix -x: expected up to 58 of"),
        ((), 1, "Kafka at 127.0.0.1:9 does not answer: start the stack"),
    ],
)
def test_a_mistake_in_a_load_is_reported_in_one_line(arguments, status, message):
    done = load(
        *("--cameras", "1", "--fps", "1", "--seconds", "1", *arguments),
        PYCTURESTREAM_KAFKA_SERVERS="127.0.0.1:9",  # nothing listens on the discard port
    )

    assert done.returncode == status
    assert done.stderr.startswith(f"error: {message}")
    assert len(done.stderr.splitlines()) == 1
