"""`pycturestream speak` with a real Redis: two listeners, two languages, one camera."""

import json
import signal
import uuid

import pytest

from pycturestream.contracts.topics import DETECTIONS, NARRATIONS
from pycturestream.speech.sound import read_wav
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.redis import RedisStore
from tests.builders import detection_record, message, narration_record
from tests.store_contract import now

pytestmark = pytest.mark.integration


@pytest.fixture
def write(redis_server):
    """Write records as the serving job does."""
    writer = BatchWriter(RedisStore(redis_server))
    yield lambda topic, record: writer.write([message(topic, record)])
    writer.close()


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def listen(start, redis_server, camera_id, tmp_path):
    """Start a listener, who has subscribed when this returns."""

    def listen(language, *options):
        folder = tmp_path / language
        process = start(
            *("speak", camera_id, "--language", language, "--wav", str(folder), "--json"),
            *options,
            PYCTURESTREAM_REDIS_ADDRESS=redis_server.redis,
            # The test is about what is spoken, also on a machine that is slow for a moment.
            PYCTURESTREAM_SPOKEN_WITHIN_MS="60000",
        )
        assert next_record(process)["frame_id"] == ""  # there is no picture yet
        return process, folder

    return listen


def next_record(process):
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return json.loads(line)


def test_two_listeners_hear_one_camera_in_their_languages(listen, write, camera_id):
    english, german = listen("en"), listen("de", "--places", "clock")

    write(NARRATIONS, narration_record(camera_id=camera_id, captured_at=now()))

    for (process, folder), text, end in (
        (english, "A person on the left.", signal.SIGINT),
        (german, "Eine Person auf elf Uhr.", signal.SIGTERM),
    ):
        record = next_record(process)
        assert record["text"] == text
        assert record["outcome"] == "spoken"
        file = folder / f"{record['frame_id']}.{record['language']}.wav"
        assert 0.8 < read_wav(file.read_bytes()).seconds < 3
        process.send_signal(end)
        assert process.wait(60) == 130
        assert process.stderr.read() == ""
        assert process.stdout.read() == ""


def test_when_the_first_picture_comes_what_it_shows_is_told(listen, write, camera_id):
    process, folder = listen("fr")

    write(DETECTIONS, detection_record(camera_id=camera_id, captured_at=now(), labels=["dog"]))

    record = next_record(process)
    assert record["text"] == "Un chien à gauche."
    assert (folder / f"{record['frame_id']}.fr.wav").exists()
