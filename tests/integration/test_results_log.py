"""What a job that comes back reads of its own results."""

from time import time_ns

import pytest
from kafka import KafkaProducer
from msgspec.structs import replace

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.log.alerts import life_of_alert
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import READ_MARGIN_MS
from pycturestream.log.results import detections_since, logged_at
from tests.scenes import CameraRun, empty, frame, guarded, person, walk

pytestmark = pytest.mark.integration


def now() -> int:
    return time_ns() // 1_000_000


@pytest.fixture
def write(kafka_server):
    """Write what the scene's frames led to, as the detection job does."""
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
    for looked_at in found:
        assert results[looked_at.frame.place] == replace(looked_at, digest="")


def test_what_is_older_is_not_read(kafka_server, write):
    old = frame(at=now())
    write(CameraRun().see(old))
    assert old.frame.place not in detections_since(kafka_server, now() + 2 * READ_MARGIN_MS)


def test_the_past_that_was_played_again_is_not_taken_for_the_present(kafka_server, write):
    live = frame(at=now())
    place = replace(live.frame.place, topic="frames.replay")
    write(CameraRun().see(replace(live, frame=replace(live.frame, place=place))))
    results = detections_since(kafka_server, live.frame.received_at)
    assert place not in results


def test_a_result_tells_when_it_was_written(kafka_server, write):
    looked_at = frame(at=now())
    scene = CameraRun().see(looked_at)
    write(scene)
    _, record = to_record(scene.judged[0], "live", 600_000)
    assert 0 <= logged_at(kafka_server, record) - looked_at.frame.captured_at <= 60_000
    assert logged_at(kafka_server, {**record, "id": "another"}) is None


def test_the_life_of_an_alert_is_told_once(kafka_server, write):
    at = now()
    scene = CameraRun(guarded()).see(*walk(0.1, 0.02, 4, at=at), *empty(30, at=at + 2_000))
    write(scene)
    write(scene)  # as after a crash
    _, alert = to_record(scene.alerts[0], "live", 600_000)
    life = life_of_alert(kafka_server, alert)
    assert [record["state"] for record in life] == ["raised", "cleared"]
