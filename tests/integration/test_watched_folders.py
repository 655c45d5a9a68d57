"""Folders that a camera uploads into, published to a real broker while it does."""

import json
import signal
import time
import uuid
from functools import partial
from pathlib import Path

import pytest

from pycturestream.config.limits import admission_limits
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.frames.admission import Admitted, Arrival, Place, admit
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.times import compact
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from tests.waiting import eventually

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[1] / "data"
HOUR_MS = 3_600_000
WHOLE = b"\xff\xd8 picture \xff\xd9"


@pytest.fixture
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera_id():
    """Name a camera that no other test has."""
    return f"camera-{uuid.uuid4()}"


@pytest.fixture
def frames(broker, camera_id):
    def frames():
        """Return what the camera has published."""
        return [
            record
            for record in read_to_end(broker, topics.FRAMES)
            if record.key == camera_id.encode()
        ]

    return frames


@pytest.fixture
def start(start):
    return partial(
        start,
        PYCTURESTREAM_LIVE_DELIVERY_TIMEOUT_MS="60000",
        PYCTURESTREAM_RECONNECT_BACKOFF_MS="100",
    )


def finish(process):
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    return json.loads(out), err


def upload(folder, at):
    """Write a picture as a careful server does: under another name until it is complete."""
    part = folder / f".in.{at}"
    part.write_bytes(WHOLE)
    part.rename(folder / f"cam_{at}.jpg")


def upload_until(condition, folder):
    """Upload pictures for as long as it takes, and return the times in their names."""
    times = []

    def met():
        times.append(time.time_ns() // 1_000_000 - HOUR_MS)  # its clock is slow
        upload(folder, times[-1])
        return condition()

    assert eventually(met)
    return times


def test_what_is_uploaded_while_it_is_watched_is_published(start, frames, camera_id, tmp_path):
    upload(tmp_path, 1_700_000_000)
    process = start("publish", str(tmp_path), "--watch", "--camera", camera_id, "--json")
    line = process.stderr.readline()

    times = upload_until(frames, tmp_path)
    counts, err = finish(process)

    published = frames()
    assert line == f"{tmp_path}: 1 pictures are there already: left alone, as history\n"
    assert counts["published"] == len(published)
    assert set(counts["dropped"]) <= {"superseded"}
    assert len(published) + counts["dropped"].get("superseded", 0) <= len(times)
    for frame in published:
        headers = header_texts(frame.headers)
        assert int(headers["captured_at"]) in times
        # A clock that is an hour slow makes no picture an hour older.
        assert 0 <= int(headers["sent_at"]) - int(headers["captured_at"]) < HOUR_MS
        assert frame.value == WHOLE
    assert "Traceback" not in err


def test_a_camera_that_counts_from_1970_and_pads_its_segments_loses_nothing(
    start, frames, camera_id, tmp_path
):
    snapshot = (DATA / "zeros-between-segments.jpg").read_bytes()
    process = start("publish", str(tmp_path), "--watch", "--camera", camera_id, "--json")
    uploaded = []

    def met():
        name = f"cam_01_{compact(1000 * len(uploaded))[:-1].replace('T', '')}_MOTION.jpg"
        (tmp_path / name).write_bytes(snapshot)
        uploaded.append(name)
        return frames()

    assert eventually(met)
    counts, _ = finish(process)

    assert set(counts["dropped"]) <= {"superseded"}
    for record in frames():
        headers = dict(record.headers)
        arrival = Arrival(
            Place(topics.FRAMES, 0, record.offset),
            record.timestamp,
            record.key,
            record.value,
            headers["captured_at"],
            headers["sent_at"],
        )
        [frame] = admit([arrival], admission_limits(Settings(), "live"), record.timestamp)
        assert isinstance(frame, Admitted)
        assert (frame.width, frame.height) == (768, 576)
        assert frame.clock_corrected
        assert 0 <= record.timestamp - frame.captured_at < HOUR_MS
        assert frame.camera_captured_at < HOUR_MS  # as the camera said it


@pytest.mark.slow
def test_a_folder_of_a_camera_file_is_watched_through_its_absence(
    start, frames, camera_id, tmp_path
):
    share, uploads = tmp_path / "away", tmp_path / "uploads"
    uploads.mkdir()
    file = tmp_path / "cameras.yaml"
    file.write_text(f"cameras:\n  - {{camera_id: {camera_id}, source: uploads, fps: 10}}\n")
    process = start("run", str(file), "--json")
    upload_until(frames, uploads)

    uploads.rename(share)
    # More may have come than are wanted, which is logged first.
    line = next(line for line in process.stderr if f"{uploads}: " in line)
    share.rename(uploads)
    before = len(frames())
    upload_until(lambda: len(frames()) > before, uploads)
    counts, _ = finish(process)

    assert line.startswith(f"{camera_id}: {uploads}: ")
    assert counts["published"] == len(frames())


@pytest.mark.parametrize("arguments", [("gone",), (".", "--loop"), (".", "--mode", "replay")])
def test_only_a_folder_that_is_there_can_be_watched(start, arguments):
    process = start("publish", *arguments, "--watch", "--camera", "a")

    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (2, "")
    assert err == "error: --watch needs an existing folder, --mode live and no --loop\n" or (
        "--mode replay" in err
    )
