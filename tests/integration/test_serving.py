import json
import uuid

import pytest
import requests
from kafka import KafkaProducer

from pycturestream.application.jobs import submit
from pycturestream.contracts.topics import ALERTS, COUNTS, DETECTIONS, NARRATIONS, REJECTED_RESULTS
from pycturestream.localstack.jobs import JOBS
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import connect as read_log
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.redis_view import RedisView
from pycturestream.stores.search import (
    Scope,
    find_alerts,
    find_counts,
    find_detections,
    find_narrations,
)
from tests.builders import (
    MINUTE,
    alert_record,
    count_record,
    detection_record,
    narration_record,
)
from tests.store_contract import now
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(900),  # four servers and two jobs have to start first
]


@pytest.fixture(scope="module")
def serving(kafka_server, redis_server, elasticsearch_server, flink_cluster):  # noqa: ARG001
    """Both serving jobs on a real cluster, between servers that run."""
    create_topics(kafka_server)
    ids = [submit(flink_cluster, job) for job in JOBS if job.name.startswith("serving")]
    yield flink_cluster
    for job_id in ids:
        requests.patch(f"{flink_cluster.flink}/jobs/{job_id}", timeout=10)


@pytest.fixture
def publish(serving):
    """Return a function that puts (topic, record) pairs, or bytes, in the log."""
    producer = KafkaProducer(bootstrap_servers=serving.kafka)

    def send(*records):
        for topic, record in records:
            value = record if isinstance(record, bytes) else json.dumps(record).encode()
            key = b"gate" if isinstance(record, bytes) else record["camera_id"].encode()
            producer.send(topic, key=key, value=value)
        producer.flush()

    yield send
    producer.close()


@pytest.fixture
def view(serving):
    view = RedisView(serving)
    yield view
    view.close()


@pytest.fixture
def client(serving):
    with connect(serving) as client:
        yield client


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


def rejected(settings):
    """Return the rejected records with their reasons."""
    consumer = read_log(settings)
    consumer.subscribe([REJECTED_RESULTS])
    batches = consumer.poll(timeout_ms=5_000).values()
    consumer.close()
    return {
        message.value: dict(message.headers)["reason"].decode()
        for batch in batches
        for message in batch
    }


def test_every_result_is_found_in_both_stores(publish, view, client, camera_id):
    at = now()
    newest = detection_record(camera_id=camera_id, captured_at=at)
    older = detection_record(camera_id=camera_id, captured_at=at - 1)
    window = count_record(camera_id=camera_id, window_start=at // MINUTE * MINUTE - MINUTE)
    alert = alert_record(camera_id=camera_id, raised_at=at)
    narration = narration_record(camera_id=camera_id, captured_at=at)

    publish(
        (DETECTIONS, newest), (DETECTIONS, older), (COUNTS, window), (ALERTS, alert),
        (NARRATIONS, narration),
    )  # fmt: skip

    assert eventually(lambda: view.narration(camera_id) == narration)
    assert eventually(lambda: view.latest(camera_id) == newest)
    assert eventually(lambda: view.counts(camera_id) == {"person": window})
    assert eventually(lambda: view.alerts(camera_id) == (alert,))
    scope = Scope(camera_id=camera_id)
    for find, records in (
        (find_detections, [newest, older]),
        (find_counts, [window]),
        (find_alerts, [alert]),
        (find_narrations, [narration]),
    ):
        assert eventually(lambda f=find, r=records: list(f(client, scope, 10)) == r)


def test_a_rejected_record_is_set_aside_with_its_reason(serving, publish, view, client, camera_id):
    garbage = f"no record {camera_id}".encode()
    no_number = {**detection_record(camera_id=camera_id, captured_at=now()), "width": "wide"}
    good = detection_record(camera_id=camera_id, captured_at=now() + 1)

    publish((DETECTIONS, garbage), (DETECTIONS, no_number), (DETECTIONS, good))

    assert eventually(lambda: view.latest(camera_id) == good)
    assert eventually(
        lambda: list(find_detections(client, Scope(camera_id=camera_id), 10)) == [good]
    )
    assert eventually(lambda: {garbage, json.dumps(no_number).encode()} <= rejected(serving).keys())
    reasons = rejected(serving)
    assert "not JSON" in reasons[garbage]
    assert "width" in reasons[json.dumps(no_number).encode()]


def test_a_store_that_was_unavailable_gets_what_it_missed(serving, publish, view, client):
    cameras = [f"camera-{uuid.uuid4().hex[:8]}" for _ in range(100)]
    first, last = (
        [(DETECTIONS, detection_record(camera_id=name, captured_at=at)) for name in cameras]
        for at in (now(), now() + 1)
    )
    publish(*first)
    assert eventually(lambda: set(cameras) <= view.cameras().keys())

    redis_server = RedisServer(serving)
    halt(redis_server)
    publish(*last)
    assert eventually(  # the other view is not late
        lambda: all(
            list(find_detections(client, Scope(camera_id=record["camera_id"]), 1)) == [record]
            for _, record in last
        )
    )
    launch(redis_server)

    assert eventually(
        lambda: [seen.latest for seen in view.overview(cameras)] == [record for _, record in last]
    )
