"""The judging job on the log of a camera: it raises what a trial of the same rules raises."""

import uuid

import pytest
from kafka import KafkaProducer

from pycturestream.application.rule_trials import try_rules
from pycturestream.cli.cameras_of_file import cameras_of_file
from pycturestream.contracts.alerts import read_alert
from pycturestream.contracts.topics import ALERTS, DETECTIONS, RESULTS
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import rfc3339
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import json_object, read_to_end
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests.builders import MINUTE, alert_record, as_json, detection_record, message
from tests.command_line import command_line
from tests.scenes import NOBODY_HERE, CameraRun, frame, person
from tests.store_contract import now

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(900),  # four servers and a job have to start first
]
OWN = uuid.uuid4().hex[:8]
GATE, YARD = f"gate-{OWN}", f"yard-{OWN}"
RUN = f"try-{OWN}"


@pytest.fixture(scope="module")
def begin():
    return now() - 10 * MINUTE


@pytest.fixture(scope="module")
def log(kafka_server, elasticsearch_server, flink_cluster, begin):
    """Write the records of two cameras with a person in view twice; some others in between."""
    create_topics(kafka_server)
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))
    for camera_id in (GATE, YARD):
        key = camera_id.encode()
        scene = CameraRun(Camera(camera_id, rules=(NOBODY_HERE,)))
        for number in range(90):
            score = 0.8 if number < 45 else 0.6
            things = [person(score=score).rounded()] if number % 45 in range(20, 30) else []
            scene.see(frame(things, at=begin + 1_000 * number, camera_id=camera_id))
        written = [message(*as_json(output)) for output in scene.outputs]
        writer.write(written)
        for number, (topic, value) in enumerate(written):
            producer.send(topic, key=key, value=value)
            if number % 20 == 10:
                for strange in (b"no record at all", None):
                    producer.send(DETECTIONS, key=key, value=strange)
        replayed = detection_record(camera_id=camera_id, captured_at=begin + 300, run="try-0")
        producer.send(DETECTIONS, key=key, value=message(DETECTIONS, replayed)[1])
    producer.flush()
    producer.close()
    writer.close()
    with connect(elasticsearch_server) as client:
        client.indices.refresh()
    return flink_cluster


def test_a_job_raises_the_alerts_of_a_trial_and_ends(log, begin, monkeypatch, capsys, tmp_path):
    run, until = command_line(monkeypatch, capsys), begin + 5 * MINUTE
    file = tmp_path / "cameras.yaml"
    rules = "[{name: nobody-here, labels: [person], min_score: 0.7}]"
    file.write_text(f"cameras: [{{camera_id: {GATE}, warm_up_s: 0, rules: {rules}}}]")
    words = ("rules", "judge", file, "--since", rfc3339(begin), "--until", rfc3339(until))

    judged = run(*words, "--run", RUN, "--json")

    assert judged.status == 0, judged.errors
    assert [record["run"] for record in judged.records] == [RUN]
    records = [
        (topic, record)
        for topic in RESULTS
        for record in map(json_object, read_to_end(log, topic))
        if record.get("run") == RUN
    ]
    assert [topic for topic, _ in records] == [ALERTS, ALERTS]  # raised, cleared: nothing but that
    candidate = cameras_of_file(file)
    with connect(log) as client:
        tried = try_rules(client, {GATE: Camera(GATE)}, candidate, begin, until, log)
    assert [alert.state for alert in tried.candidate] == ["cleared"]
    assert read_alert({**records[-1][1], "run": "trial"}) == tried.candidate[0]

    writer = BatchWriter(ElasticsearchStore(log))
    writer.write([message(ALERTS, alert_record(camera_id=GATE, run=RUN))])
    writer.close()
    with connect(log) as client:
        client.indices.refresh()
    again = run(*words, "--run", RUN)
    assert (again.status, again.errors.count("\n")) == (1, 1)
    assert "there are results of that name" in again.errors
