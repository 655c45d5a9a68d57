"""Legacy clients' records over a real broker: each is a frame, dropped, or a dead letter."""

import base64
import json
import signal
import uuid
from datetime import UTC, datetime
from hashlib import sha256

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from pycturestream.clock import SystemClock
from pycturestream.contracts import topics
from pycturestream.contracts.schemas import schema
from pycturestream.domain.cameras.camera import Camera, Zone
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.times import parse_rfc3339
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from pycturestream.log.dead_letters import read_dead_letters
from pycturestream.log.legacy import LegacyTopic
from pycturestream.log.reader import read_to_end
from tests.waiting import eventually

pytestmark = pytest.mark.integration


def with_a_legacy_topic(settings):
    """Return settings of a topic that no other test has, which is there."""
    settings = settings.model_copy(update={"legacy_topic": f"legacy-{uuid.uuid4()}"})
    create_topics(settings)
    return settings


@pytest.fixture
def broker(kafka_server):
    return with_a_legacy_topic(kafka_server)


@pytest.fixture
def bridge(start):
    """Return what starts `pycturestream bridge`."""

    def bridge(settings, *arguments, **environment):
        # A busy machine may take its time to start.
        patient = {
            "PYCTURESTREAM_STALE_AFTER_MS": "60000",
            "PYCTURESTREAM_LIVE_DELIVERY_TIMEOUT_MS": "60000",
            "PYCTURESTREAM_PUBLISH_TIMEOUT_MS": "60000",
        }
        return start(
            *("bridge", "--json", *arguments),
            **{
                "PYCTURESTREAM_KAFKA_SERVERS": settings.kafka,
                "PYCTURESTREAM_LEGACY_TOPIC": settings.legacy_topic,
                **patient,
                **environment,
            },
        )

    return bridge


def finish(process, how=signal.SIGTERM):
    process.send_signal(how)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    return json.loads(out), err


def publish(settings, *values, key=None):
    producer = KafkaProducer(bootstrap_servers=settings.kafka, max_request_size=4_000_000)
    for value in values:
        producer.send(settings.legacy_topic, value, key=key).get(60)
    producer.close()


def a_record(camera_id, jpeg=b"\xff\xd8 jpeg \xff\xd9", **changes):
    """Return what the legacy client publishes: its time has no zone."""
    return json.dumps(
        {
            "image": base64.b64encode(jpeg).decode(),
            "timestamp": datetime.now(UTC).replace(tzinfo=None).isoformat(),
            "camera_id": camera_id,
            **changes,
        }
    ).encode()


def frames_of(settings, camera_id):
    return [
        record
        for record in read_to_end(settings, topics.FRAMES)
        if record.key == camera_id.encode()
    ]


def letters_from(settings):
    return [
        letter
        for letter in read_dead_letters(settings)
        if letter.came_from.startswith(settings.legacy_topic)
    ]


def events_from(settings):
    """Return the events of different records: what is answered too late is delivered again."""
    events = [json.loads(record.value) for record in read_to_end(settings, topics.CAMERA_EVENTS)]
    by_detail = {event["detail"]: event for event in events}
    return [event for detail, event in by_detail.items() if settings.legacy_topic in detail]


def test_good_records_become_frames_and_broken_ones_dead_letters(broker, bridge):
    camera_id = f"camera-{uuid.uuid4()}"
    at = "2026-11-21T10:00:00.125"  # in Vienna, and by a client whose clock may be wrong
    good = [a_record(f"{camera_id}-{number}", timestamp=at) for number in range(3)]
    broken = [
        b"\x00" * 1000,
        a_record("no/camera"),
        a_record(camera_id, timestamp="noon"),
        b" " * (broker.legacy_byte_limit + 1),
    ]
    publish(broker, *good, *broken)
    process = bridge(broker, "--timezone", "Europe/Vienna")

    assert eventually(lambda: len(events_from(broker)) == 4)
    assert eventually(lambda: all(frames_of(broker, f"{camera_id}-{n}") for n in range(3)))
    counts, err = finish(process)

    assert counts.pop("seconds") > 0
    assert counts == {
        "consumed": 7,
        "published": 3,
        "dropped": {},
        "dead_letters": {
            "bad-record": 1,
            "bad-camera-id": 1,
            "bad-timestamp": 1,
            "too-large": 1,
        },
        "open": 0,
    }
    assert len(err.splitlines()) == 1
    for number in range(3):
        [frame] = frames_of(broker, f"{camera_id}-{number}")
        headers = header_texts(frame.headers)
        assert frame.value == b"\xff\xd8 jpeg \xff\xd9"
        assert int(headers["captured_at"]) == parse_rfc3339("2026-11-21T09:00:00.125Z")
        assert int(headers["sent_at"]) >= int(headers["captured_at"])
        assert headers["source"].startswith(f"{broker.legacy_topic}[")
    letters = letters_from(broker)
    assert {letter.sha256 for letter in letters} == {sha256(each).hexdigest() for each in broken}
    # Other tests' cameras may have masks; then what names no camera is kept without its bytes.
    assert {letter.value for letter in letters} <= {b"", *broken}
    assert {letter.camera_id for letter in letters} == {"", camera_id}
    for event in events_from(broker):
        Draft202012Validator(schema("camera-events")).validate(event)
    assert {event["camera_id"] for event in events_from(broker)} == {
        "invalid-camera-id",
        camera_id,
    }


def test_what_was_done_is_not_done_again(broker, bridge):
    camera_id = f"camera-{uuid.uuid4()}"
    publish(broker, a_record(camera_id))
    first = bridge(broker)
    assert eventually(lambda: bool(frames_of(broker, camera_id)))
    assert finish(first, signal.SIGINT)[0]["published"] == 1

    publish(broker, a_record(f"{camera_id}-2"))
    second = bridge(broker)
    assert eventually(lambda: bool(frames_of(broker, f"{camera_id}-2")))

    assert finish(second)[0]["consumed"] == 1


def test_what_was_not_committed_is_handed_out_again(broker):
    publish(broker, b"one", b"two")

    def read(*, commit):
        topic, found = LegacyTopic(broker, SystemClock()), []
        assert eventually(lambda: found.extend(topic.read()) or len(found) >= 2)
        if commit:
            topic.commit()
        topic.close()
        return sorted(arrival.value for arrival in found)

    assert read(commit=False) == [b"one", b"two"]
    assert read(commit=True) == [b"one", b"two"]
    publish(broker, b"three", b"four")
    assert read(commit=True) == [b"four", b"three"]


@pytest.mark.slow
def test_a_bridge_that_is_killed_leaves_nothing_out(broker, bridge):
    prefix = uuid.uuid4().hex
    first_part, second_part = (
        [f"{prefix}-{part}-{number}" for number in range(40)] for part in (1, 2)
    )
    publish(broker, *map(a_record, first_part))

    def arrived():
        keys = (record.key.decode() for record in read_to_end(broker, topics.FRAMES))
        return {key for key in keys if key.startswith(prefix)}

    first = bridge(broker, PYCTURESTREAM_BRIDGE_CAMERAS="16")
    assert eventually(lambda: bool(arrived()))
    first.kill()  # in the middle, at its end, or while it waits: it makes no difference
    first.wait()
    publish(broker, *map(a_record, second_part), b"broken")
    second = bridge(broker, PYCTURESTREAM_BRIDGE_CAMERAS="16")
    assert eventually(
        lambda: arrived() == {*first_part, *second_part} and bool(letters_from(broker))
    )

    counts, _ = finish(second)
    assert counts["consumed"] == counts["published"] + sum(counts["dead_letters"].values())


def test_where_the_topic_holds_the_clients_time_a_record_has_just_arrived(broker):
    topic = ConfigResource(
        ConfigResourceType.TOPIC,
        broker.legacy_topic,
        {"message.timestamp.type": "CreateTime"},
    )
    admin = KafkaAdminClient(bootstrap_servers=broker.kafka)
    admin.alter_configs([topic])
    admin.close()
    clock = SystemClock()
    before = clock.now()
    producer = KafkaProducer(bootstrap_servers=broker.kafka)
    producer.send(broker.legacy_topic, b"x", timestamp_ms=before - 3_600_000).get(60)
    producer.close()

    reading, found = LegacyTopic(broker, clock), []
    assert eventually(lambda: found.extend(reading.read()) or bool(found))
    reading.close()

    assert found[0].received_at >= before


@pytest.mark.slow
def test_a_broker_that_was_away_is_waited_for(stack_settings, bridge):
    settings = stack_settings.model_copy(
        update={
            "port_offset": stack_settings.port_offset + 5,
            "data_folder": stack_settings.data_folder / "bridged",
        }
    )
    settings.data_folder.mkdir(mode=0o755)
    server = KafkaServer(settings)
    camera_id = f"camera-{uuid.uuid4()}"
    try:
        launch(server)
        settings = with_a_legacy_topic(settings)
        process = bridge(settings)
        publish(settings, a_record(f"{camera_id}-1"), b"broken")
        assert eventually(lambda: bool(frames_of(settings, f"{camera_id}-1")))
        halt(server)
        launch(server)
        publish(settings, a_record(f"{camera_id}-2"), b"broken too")
        assert eventually(lambda: bool(frames_of(settings, f"{camera_id}-2")))
        assert eventually(lambda: len(events_from(settings)) >= 2)
        counts, _ = finish(process)
    finally:
        halt(server)

    assert (counts["published"], counts["open"]) == (2, 0)
    assert counts["dead_letters"] == {"bad-record": 2}


def test_without_a_broker_it_waits_and_ends_at_a_signal(broker, bridge):
    nobody = broker.model_copy(update={"kafka_servers": "127.0.0.1:9"})
    process = bridge(
        nobody,
        PYCTURESTREAM_LIVE_DELIVERY_TIMEOUT_MS="200",
        PYCTURESTREAM_STORE_TIMEOUT_MS="200",
    )

    line = process.stderr.readline()
    counts, err = finish(process)

    assert line.startswith("Kafka at 127.0.0.1:9 does not answer; waiting for it.")
    assert counts["consumed"] == 0
    assert len(err.splitlines()) <= 1  # and that it does not know the cameras' settings


def test_a_camera_has_its_masks_in_the_bridge_too(broker, bridge):
    camera_id = f"camera-{uuid.uuid4()}"
    left = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    publish_cameras([Camera(camera_id, masks=(left,))], broker, SystemClock())
    _, jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 200, np.uint8))
    publish(broker, a_record(camera_id, bytes(jpeg)))
    publish(broker, b"names no camera")
    process = bridge(broker)
    assert eventually(lambda: bool(frames_of(broker, camera_id)))
    assert eventually(lambda: len(events_from(broker)) == 1)
    finish(process)

    [letter] = letters_from(broker)
    assert (letter.reason, letter.value) == ("bad-record", b"")
    assert "the bytes are left out" in letter.detail
    [frame] = frames_of(broker, camera_id)
    seen = cv2.imdecode(np.frombuffer(frame.value, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen[:, :30].max() < 30
    assert seen[:, 40:].min() > 170


def test_a_zone_that_is_none_is_a_wrong_use(broker, bridge):
    process = bridge(broker, "--timezone", "Vienna")

    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (2, "")
    assert err == "error: --timezone Vienna: expected a name such as Europe/Vienna\n"


def test_the_bytes_of_the_largest_picture_pass(broker, bridge):
    camera_id = f"camera-{uuid.uuid4()}"
    publish(broker, a_record(camera_id, bytes(broker.message_byte_limit)))
    process = bridge(broker)

    assert eventually(lambda: bool(frames_of(broker, camera_id)))
    assert finish(process)[0]["published"] == 1
