"""The use cases of alerts, on a real broker and a real Elasticsearch."""

import uuid

import pytest

from pycturestream.application.alert_ports import ElasticsearchAlerts, KafkaCommandLog
from pycturestream.application.alerts import AlertService
from pycturestream.contracts.cameras import encode_camera
from pycturestream.contracts.topics import ALERT_COMMANDS, ALERTS, CAMERAS
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.compacted_topic import write_values
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from tests.alert_service_contract import AlertServiceContract
from tests.builders import NOON, alert_record, message
from tests.command_line import command_line
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.usefixtures("servers"),
]


@pytest.fixture
def servers(kafka_server, elasticsearch_server, redis_server):  # noqa: ARG001 - it is to run
    create_topics(kafka_server)
    return elasticsearch_server


@pytest.fixture
def put(servers):
    """Return a function that writes (topic, record) pairs and makes them searchable."""
    writer = BatchWriter(ElasticsearchStore(servers))

    def put(*records):
        cameras = [record for topic, record in records if topic == CAMERAS]
        write_values(servers, CAMERAS, {one.camera_id: encode_camera(one) for one in cameras})
        writer.write(message(topic, record) for topic, record in records if topic != CAMERAS)
        with connect(servers) as client:
            client.indices.refresh()

    yield put
    writer.close()


@pytest.fixture
def followed(servers):
    followed = FollowedAlertCommands(servers)
    assert followed.wait(60)
    yield followed
    followed.close()


class TestAlertService(AlertServiceContract):
    @pytest.fixture
    def service(self, servers, followed):
        with connect(servers) as client:
            cameras = FollowedCameras(servers)
            yield AlertService(
                ElasticsearchAlerts(client),
                KafkaCommandLog(servers, lambda: followed.known),
                lambda: cameras.cameras,
                servers.count_window_ms,
            )
            cameras.close()


@pytest.fixture
def camera_id(servers):
    """A camera that the topic of settings knows."""
    camera_id = f"camera-{uuid.uuid4().hex[:8]}"
    write_values(
        servers, CAMERAS, {camera_id: encode_camera(Camera(camera_id, rules=(Rule("r"),)))}
    )
    return camera_id


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def alert(put, camera_id):
    alert = alert_record(camera_id=camera_id)
    put((ALERTS, alert))
    return alert


def test_commands_are_given_and_taken_back(run, alert, camera_id):
    def listed():
        (record,) = run("alerts", "--camera", camera_id, "--json").records
        return {name: record[name] and record[name]["by"] for name in words}

    words = ("acknowledged", "silenced", "wrong")
    assert run("alerts", "ack", alert["id"], "--by", "guard").status == 0
    marked = run("alerts", "false-alarm", alert["id"], "--by", "boss", "--reason", "a cone")
    assert marked.status == 0
    assert listed() == {"acknowledged": "guard", "silenced": None, "wrong": "boss"}
    assert (
        "acknowledged by guard, false alarm by boss" in run("alerts", "--camera", camera_id).output
    )
    (wrong,) = run("alerts", "false-alarms", "--camera", camera_id, "--json").records
    assert run("alerts", "wrongs", "--camera", camera_id, "--json").records == [wrong]
    assert (wrong["alert_id"], wrong["reason"], wrong["by"]) == (alert["id"], "a cone", "boss")
    assert "a cone" in run("alerts", "false-alarms", "--camera", camera_id).output

    assert run("alerts", "ack", alert["id"], "--take-back").status == 0
    assert run("alerts", "wrong", alert["id"], "--take-back").status == 0
    assert listed() == dict.fromkeys(words)


def test_silences_are_given_listed_and_ended(run, camera_id):
    words = ("alerts", "silence", camera_id)
    given = run(*words, "--for", "2h", "--rule", "r", "--reason", "painters", "--json").records
    assert run("alerts", "silences", "--camera", camera_id, "--json").records == given
    assert "painters" in run("alerts", "silences").output
    missing = run(*words, "--for", "2h", "--rule", "s")
    assert (missing.status, missing.errors) == (
        1,
        f"error: {camera_id} has no rule s; it has: r: `pycturestream cameras list` shows them\n",
    )
    not_silenced = run(*words, "--end").errors
    assert not_silenced.startswith(f"error: {camera_id} as a whole is not silenced: ")
    assert run(*words, "--end", "--rule", "r").status == 0
    assert run("alerts", "silences", "--camera", camera_id, "--json").records == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["ack", "nobody"], "there is no alert nobody"),
        (["wrong", "nobody", "--reason", "x"], "there is no alert nobody"),
        (
            ["silence", "nobody", "--for", "1h"],
            "no settings name a camera nobody, so it has no rules",
        ),
    ],
)
def test_an_unknown_target_is_one_line(run, words, hint):
    ended = run("alerts", *words)
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert hint in ended.errors


@pytest.mark.usefixtures("alert")
def test_rates_are_shown(run, camera_id):
    words = ("alerts", "rates", "--camera", camera_id)
    period = ("--since", "2026-11-21T00:00:00Z", "--until", "2026-11-22T00:00:00Z")
    (rate,) = run(*words, *period, "--json").records
    assert (rate["alerts"], rate["hours"], rate["per_day"]) == (1, 0, None)
    assert camera_id in run(*words, *period).output


def test_unreadable_commands_are_skipped(servers, followed, camera_id):
    good = AlertCommand("silence", camera_id, "guard", NOON, until=NOON + 1)
    write_values(servers, ALERT_COMMANDS, {"silence:broken": b"{", good.key: b"{}"})
    KafkaCommandLog(servers, lambda: followed.known).publish(good)
    assert eventually(lambda: followed.known.by_key.get(good.key) == good)
    assert "silence:broken" not in followed.known.by_key
