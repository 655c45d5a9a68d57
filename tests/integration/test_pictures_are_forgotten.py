"""Pictures are gone from the files of a real broker when they should be, running or stopped.

What is in its files is looked for byte by byte, not asked of the broker.
"""

import base64
import os
import signal
import uuid

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from pycturestream.application.proving import prove
from pycturestream.clock import now
from pycturestream.contracts import topics
from pycturestream.localstack import processes
from pycturestream.localstack.clean_up import clean_up
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.stack import clean_stack, stop_stack
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from pycturestream.log.retention import kept_at_most_ms, picture_topics
from tests import jpegs
from tests.waiting import eventually

pytestmark = pytest.mark.integration

FIRST_CHECK_S = 30
"""After its start a broker waits for so long before it looks for what is due."""


def with_mark(name):
    """A picture that can be told from all others, wherever its bytes lie."""
    return jpegs.encoded(64, 48) + f"{name} {uuid.uuid4()}".encode()


def is_stored(folder, data):
    """Whether some bytes are in any file of a folder: an independent scan."""
    for path in folder.rglob("*"):
        try:
            if path.is_file() and data in path.read_bytes():
                return True
        except FileNotFoundError:
            continue  # the broker has removed it meanwhile
    return False


@pytest.fixture
def forgetful(own_settings):
    """Settings of a broker that forgets within seconds."""
    return own_settings.model_copy(
        update={
            "frame_retention_ms": 2_000,
            "frame_segment_ms": 1_000,
            "replay_retention_ms": 3_000,
            "retention_check_ms": 500,
        }
    )


@pytest.fixture
def broker():
    """Yield what starts a broker with its topics; none outlives the test."""
    started = []

    def start(settings):
        server = KafkaServer(settings)
        started.append(server)
        launch(server)
        create_topics(settings)
        return server

    yield start
    for server in started:
        halt(server)


def publish(settings, *records):
    """Publish records, each of a topic, and return their offsets; all are of partition 0."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka)
    try:
        return [
            producer.send(topic, key=b"gate", value=value, partition=0)
            .get(90)
            .offset  # a broker that was killed leads again after some seconds
            for topic, value in records
        ]
    finally:
        producer.close()


def offsets(settings, topic):
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka)
    try:
        partition = TopicPartition(topic, 0)
        return (
            consumer.beginning_offsets([partition])[partition],
            consumer.end_offsets([partition])[partition],
        )
    finally:
        consumer.close()


def test_pictures_leave_the_files_of_a_running_broker_in_time(forgetful, broker):
    folder = broker(forgetful).log_folder
    pictures = {name: with_mark(name) for name in picture_topics(forgetful)}
    result = with_mark("result")
    publish(forgetful, *pictures.items(), (topics.DETECTIONS, result))
    assert all(is_stored(folder, picture) for picture in pictures.values())

    def all_are_gone():
        # Some topics go on being written: the segment with the picture must end all the same.
        publish(forgetful, (topics.FRAMES, b"more"), (topics.FRAMES_REPLAY, b"more"))
        return not any(is_stored(folder, picture) for picture in pictures.values())

    promised_ms = max(kept_at_most_ms(forgetful, name) for name in pictures)
    assert eventually(all_are_gone, timeout_s=promised_ms / 1000 + FIRST_CHECK_S)
    assert is_stored(folder, result)


def test_a_stop_forgets_live_pictures_and_offsets_go_on(own_settings, broker):
    folder = broker(own_settings).log_folder
    live, history, result = (with_mark(name) for name in ("live", "history", "result"))
    publish(
        own_settings,
        *[(topics.FRAMES, live)] * 3,
        (topics.DEAD_LETTER, live),
        (own_settings.legacy_topic, b'{"image": "' + base64.b64encode(live) + b'"}'),
        (topics.FRAMES_REPLAY, history),
        (topics.DETECTIONS, result),
    )

    assert stop_stack(own_settings)

    assert not is_stored(folder, live)
    assert not is_stored(folder, base64.b64encode(live)[:200])
    assert is_stored(folder, history)
    assert is_stored(folder, result)

    broker(own_settings)
    assert offsets(own_settings, topics.FRAMES) == (3, 3)
    assert offsets(own_settings, topics.FRAMES_REPLAY) == (0, 1)
    assert publish(own_settings, (topics.FRAMES, live)) == [3]
    assert read_all(own_settings, topics.FRAMES) == [live]
    assert read_all(own_settings, topics.FRAMES_REPLAY) == [history]


def read_all(settings, topic):
    return [message.value for message in read_to_end(settings, topic)]


@pytest.mark.slow
def test_what_a_killed_broker_left_goes_when_it_is_due(own_settings, broker):
    server = broker(own_settings)
    picture = with_mark("killed")
    publish(own_settings, *[(topics.FRAMES, picture)] * 2)
    record = processes.read_process_record(own_settings.data_folder.resolve(), server.name)
    os.kill(record.pid, signal.SIGKILL)
    assert eventually(lambda: processes.leader(record) is None)

    assert clean_stack(own_settings).log.segments == 0
    assert is_stored(server.log_folder, picture)  # it is not due yet
    hasty = own_settings.model_copy(update={"frame_retention_ms": 1})
    assert eventually(lambda: clean_up(hasty).log.segments == 1)
    assert not is_stored(server.log_folder, picture)

    broker(own_settings)
    assert offsets(own_settings, topics.FRAMES) == (2, 2)
    assert publish(own_settings, (topics.FRAMES, picture)) == [2]
    assert read_all(own_settings, topics.FRAMES) == [picture]


def test_a_running_broker_is_left_alone_and_its_pictures_are_proved_allowed(
    own_settings, broker, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # other tests have theirs
    folder = broker(own_settings).log_folder
    picture = with_mark("running")
    began = now()
    publish(own_settings, (topics.FRAMES, picture))
    assert clean_stack(own_settings).log.bytes == 0
    assert is_stored(folder, picture)

    report = prove(own_settings, stores=False)
    assert report.outcome == "clean"
    [found] = report.found
    assert (found.where, found.pictures) == (f"topic frames in {folder}", 1)

    publish(own_settings, (topics.DETECTIONS, picture))
    later = prove(own_settings, stores=False)
    assert later.outcome == "not allowed"
    assert [each.where for each in later.found if not each.allowed] == [
        f"topic detections in {folder}"
    ]
    assert now() - began < kept_at_most_ms(own_settings, topics.FRAMES)
