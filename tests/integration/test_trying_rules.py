"""Rules that are tried on what Elasticsearch keeps, beside those of the log."""

import uuid

import pytest
from kafka import KafkaProducer

from pycturestream.contracts.cameras import encode_camera
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.topics import CAMERAS
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.times import rfc3339
from pycturestream.log.compacted_topic import write_values
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests.builders import as_json, message
from tests.command_line import command_line
from tests.scenes import NINE, NOBODY_HERE, CameraRun, frame, person

pytestmark = pytest.mark.integration
HOUR = 3_600_000
AWAY = Rule("camera-away", about="offline")


@pytest.fixture
def scene(kafka_server, elasticsearch_server):
    """A camera with a person in view twice, and its records in the log and the index."""
    create_topics(kafka_server)
    camera_id = f"camera-{uuid.uuid4().hex[:8]}"
    camera = Camera(camera_id, timezone="Europe/Vienna", rules=(NOBODY_HERE, AWAY), revision=3)
    write_values(kafka_server, CAMERAS, {camera_id: encode_camera(camera)})
    scene = CameraRun(camera)
    for begin, score in ((NINE, 0.8), (NINE + HOUR, 0.6)):
        for number in range(40):
            things = [person(score=score).rounded()] if 20 <= number < 30 else []
            scene.see(frame(things, at=begin + 1_000 * number, camera_id=camera_id))
    scene.wait_until(NINE + HOUR + 39_000 + 10_000)
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))
    records = [as_json(output) for output in scene.outputs]
    writer.write(message(*record) for record in records)
    writer.close()
    with connect(elasticsearch_server) as client:
        client.indices.refresh()
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    for topic, record in records:
        producer.send(topic, key=camera_id.encode(), value=encode_record(record)).get(10)
    producer.close()
    return scene


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


def of_kind(records, kind):
    return [record for record in records if record["kind"] == kind]


def test_other_rules_are_held_against_todays_and_what_was_raised(scene, run, tmp_path):
    camera_id = scene.camera.camera_id
    file = tmp_path / "cameras.yaml"
    file.write_text(f"""
cameras:
  - camera_id: {camera_id}
    timezone: Europe/Vienna
    rules:
      - {{name: nobody-here, labels: [person], min_score: 0.7}}
      - {{name: camera-away, about: offline}}
""")
    raised = [change.alert for change in scene.alerts if change.state == "raised"]
    assert [alert.rule for alert in raised] == ["nobody-here", "camera-away", "nobody-here"]
    span = "--since", rfc3339(NINE), "--until", rfc3339(NINE + 2 * HOUR)
    assert run("alerts", "wrong", raised[2].alert_id, "--reason", "a cone").status == 0
    tried = run("rules", "try", file, *span, "--json")
    assert tried.status == 0, tried.errors
    (day,) = of_kind(tried.records, "day")
    assert (day["day"], day["raised"], day["today"], day["tried"]) == ("2026-11-21", 3, 3, 2)
    assert [alert["id"] for alert in of_kind(tried.records, "fewer")] == [raised[2].alert_id]
    assert not of_kind(tried.records, "more")
    assert [(a["wrong"], a["kept"]) for a in of_kind(tried.records, "raised")] == [
        (False, True),
        (False, True),
        (True, False),
    ]
    shown = run("rules", "try", file, *span).output
    assert "of 1 false alarms 1 would not have been raised" in shown
    assert "of 2 other alerts 0 would not have been raised" in shown


def test_explain_shows_the_way_of_a_frame_and_which_conditions_held(scene, run):
    quiet, loud = (scene.judged[number].frame_id for number in (5, 25))
    (told,) = run("explain", loud, "--json").records
    assert told["received_at"] == rfc3339(NINE + 25_020)
    (rule,) = told["rules"]
    assert rule["alert_id"] == told["threats"][0]["alert_id"]
    (thing,) = rule["things"]
    assert {one["name"]: one["held"] for one in thing["conditions"]}["new"] is False
    (told,) = run("explain", quiet, "--json").records
    assert told["rules"][0]["alert_id"] is None
    shown = run("explain", loud).output
    assert "nobody-here (2)" in shown
    assert "by the rules in force now (revision 3)" in shown


def test_explain_shows_the_life_of_an_alert_and_its_commands(scene, run):
    alert_id = scene.alerts[0].alert.alert_id
    run("alerts", "ack", alert_id, "--by", "guard")
    (told,) = run("explain", alert_id, "--json").records
    assert [change["state"] for change in told["life"]] == ["raised", "cleared"]
    assert told["alert"]["acknowledged"]["by"] == "guard"
    assert told["frame"]["rules"][0]["alert_id"] == alert_id
    assert told["sent"] == []
    assert "acknowledged by guard" in run("explain", alert_id).output


def test_explain_shows_the_minute_of_a_frame_without_a_record(scene, run):
    dropped = f"{scene.camera.camera_id}_20261121T090007777Z"
    (told,) = run("explain", dropped, "--json").records
    assert told["frame_id"] is None
    assert {event["event"] for event in told["events"]} == {"online", "frames", "offline"}
    assert "not processed" in run("explain", dropped).output


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("name", "status", "hint"),
    [
        ("nobody_20261121T090007777Z", 1, "nothing is known of"),
        ("rule:nobody", 1, "there is no alert"),
        ("what", 2, "not the id of a frame"),
    ],
)
def test_an_unknown_id_is_one_line(run, name, status, hint):
    ended = run("explain", name)
    assert (ended.status, ended.errors.count("\n")) == (status, 1)
    assert hint in ended.errors
