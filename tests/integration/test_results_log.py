"""What a job that comes back, the alert service and `explain` read of the results in the log."""

import uuid
from time import time_ns

import msgspec
import pytest
from kafka import KafkaProducer
from msgspec.structs import replace

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.contracts.topics import DETECTIONS, NARRATIONS
from pycturestream.log.alerts import life_of_alert
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import READ_MARGIN_MS, read_of_key
from pycturestream.log.results import detections_since, find_detections_record, logged_at
from tests.builders import as_json
from tests.scenes import CameraRun, empty, frame, guarded, person, walk

pytestmark = pytest.mark.integration


def now() -> int:
    return time_ns() // 1_000_000


@pytest.fixture
def write(kafka_server):
    """Return a function that writes the results of a scene, as the detection job does."""
    create_topics(kafka_server)

    def write(scene: CameraRun) -> None:
        producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
        for output in (*scene.judged, *scene.alerts):
            topic, record = to_record(output, "live", 600_000)
            producer.send(topic, key=b"gate", value=encode_record(record)).get(10)
        producer.close()

    return write


def test_results_are_found_by_the_place_of_their_frame(kafka_server, write):
    found = [frame([person(0.1 * n).rounded()], at=now() + n) for n in range(3)]
    write(CameraRun().see(*found))
    results = detections_since(kafka_server, found[0].frame.received_at)
    for detections in found:
        assert results[detections.frame.place] == replace(detections, digest="")


@pytest.mark.parametrize("value", [b"no record", b"{}", b"\xff", b'{"id": 1', None])
def test_what_is_no_record_is_left_out(kafka_server, write, value):
    detections = frame(at=now())
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    producer.send(DETECTIONS, key=b"gate", value=value).get(10)
    producer.close()
    scene = CameraRun().see(detections)
    write(scene)
    place = detections.frame.place
    assert detections_since(kafka_server, detections.frame.received_at)[place].frame.place == place
    _, record = as_json(scene.judged[0])
    assert logged_at(kafka_server, record)
    assert find_detections_record(
        kafka_server, "gate", record["frame_id"], detections.frame.received_at
    )


def test_what_is_older_is_not_read(kafka_server, write):
    old = frame(at=now())
    write(CameraRun().see(old))
    assert old.frame.place not in detections_since(kafka_server, now() + 2 * READ_MARGIN_MS)


def test_replayed_results_are_not_taken_for_live_ones(kafka_server, write):
    live = frame(at=now())
    place = replace(live.frame.place, topic="frames.replay")
    write(CameraRun().see(replace(live, frame=replace(live.frame, place=place))))
    results = detections_since(kafka_server, live.frame.received_at)
    assert place not in results


def test_the_log_knows_when_a_result_was_written(kafka_server, write):
    detections = frame(at=now())
    scene = CameraRun().see(detections)
    write(scene)
    _, record = as_json(scene.judged[0])
    assert 0 <= logged_at(kafka_server, record) - detections.frame.captured_at <= 60_000
    assert logged_at(kafka_server, {**record, "id": "another"}) is None


def test_the_life_of_an_alert_has_each_record_once(kafka_server, write):
    at = now()
    scene = CameraRun(guarded()).see(*walk(0.1, 0.02, 4, at=at), *empty(30, at=at + 2_000))
    write(scene)
    write(scene)  # as after a crash
    _, alert = as_json(scene.alerts[0])
    life = life_of_alert(kafka_server, alert)
    assert [record["state"] for record in life] == ["raised", "cleared"]


def test_the_record_of_a_frame_is_found_under_its_cameras_key(kafka_server, write):
    at = now()
    scene = CameraRun().see(*(frame(at=at + 1_000 * n) for n in range(3)))
    write(scene)
    for judged in scene.judged:
        _, record = as_json(judged)
        frame_id = record["frame_id"]
        found = find_detections_record(kafka_server, "gate", frame_id, at)
        assert found == msgspec.json.decode(encode_record(record))
        assert find_detections_record(kafka_server, "yard", frame_id, at) is None
    assert find_detections_record(kafka_server, "gate", "gate_20200101T000000000Z", at) is None


def test_the_messages_of_a_key_are_read_from_the_partition_that_writers_choose(kafka_server):
    create_topics(kafka_server)
    keys = [f"camera-{number}-{uuid.uuid4()}" for number in range(20)]
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    sent = [producer.send(NARRATIONS, key=key.encode(), value=key.encode()) for key in keys]
    assert len({delivery.get(10).partition for delivery in sent}) > 1
    producer.close()
    for key in keys:
        assert [one.value for one in read_of_key(kafka_server, NARRATIONS, key)] == [key.encode()]
