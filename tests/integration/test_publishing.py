"""Cameras into a real broker: what is counted as published is what the topic holds."""

import json
import signal
import threading
import time
import uuid
from collections import Counter
from contextlib import contextmanager
from functools import partial

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs

from producers.camera_publisher import CameraPublisher
from producers.picture import Picture
from producers.publisher import Publisher
from producers.settings_lookup import FollowedSettings
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts import topics
from pycturestream.contracts.cameras import decode_camera
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import CAMERA_EVENTS
from pycturestream.domain.cameras.camera import Camera, Rule, Zone
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.frame import Frame, header_texts
from pycturestream.domain.times import compact, parse_rfc3339
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.cameras import SettingsPublishError, publish_cameras
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from tests.builders import NOON
from tests.conftest import data_folder

pytestmark = pytest.mark.integration

PLAZA = PROJECT_FOLDER / "samples" / "plaza.mp4"
EPOCH = 1_700_000_000_000
"""When the picture 0 was taken."""
NOBODY = "127.0.0.1:9"
"""The discard port: nothing listens there."""


@pytest.fixture(scope="module")
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera_id():
    """Name a camera that no other test has."""
    return f"camera-{uuid.uuid4()}"


@pytest.fixture(scope="module")
def records_of():
    def records_of(settings, topic, key):
        """Return a camera's records, in order, as far as the topic reaches now."""
        return [record for record in read_to_end(settings, topic) if record.key == key.encode()]

    return records_of


@pytest.fixture
def records(broker, records_of):
    return partial(records_of, broker)


@contextmanager
def a_publisher(settings, mode):
    clock = SystemClock()
    publisher = Publisher(settings, mode, clock)
    try:
        publisher.connect()
        yield publisher, clock
    finally:
        publisher.close()


def a_frame(camera_id, number, mode="live"):
    return Frame(camera_id, EPOCH + number, b"\xff\xd8 %d" % number, mode, "test")


def finish(process, status=0):
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    return out, err


def wait_until(condition, timeout_s=60.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


# --- the publisher ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["live", "replay"])
def test_what_counts_as_published_is_in_the_topic(broker, records, camera_id, mode):
    with a_publisher(broker, mode) as (publisher, _):
        account = publisher.open_account()
        for number in range(50):
            publisher.publish(a_frame(camera_id, number, mode), account)

    found = records(topics.FRAMES if mode == "live" else topics.FRAMES_REPLAY, camera_id)
    counts = account.counts()
    assert [record.value for record in found] == [b"\xff\xd8 %d" % n for n in range(50)]
    assert (counts.published, counts.open, counts.dropped) == (50, 0, {})
    assert counts.first_captured_at == 1_700_000_000_000
    assert counts.last_captured_at == 1_700_000_000_049


def test_a_frame_carries_the_headers_of_the_contract(broker, records, camera_id):
    with a_publisher(broker, "live") as (publisher, clock):
        before = clock.now()
        publisher.publish(a_frame(camera_id, 7), publisher.open_account())

    [record] = records(topics.FRAMES, camera_id)
    headers = header_texts(record.headers)
    assert before <= int(headers.pop("sent_at")) <= clock.now()
    name, _, started_at = headers.pop("sender").rpartition(":")
    assert name
    assert int(started_at) <= before
    assert headers == {
        "captured_at": "1700000000007",
        "mode": "live",
        "content_type": "image/jpeg",
        "source": "test",
    }


def test_frames_of_the_largest_size_are_taken(broker, records, camera_id):
    large = bytes(broker.message_byte_limit)
    with a_publisher(broker, "live") as (publisher, _):
        account = publisher.open_account()
        publisher.publish(Frame(camera_id, 1_700_000_000_000, large), account)

    assert account.counts().published == 1
    assert [record.value for record in records(topics.FRAMES, camera_id)] == [large]


def test_many_cameras_share_one_publisher(broker, records, camera_id):
    with a_publisher(broker, "live") as (publisher, _):
        accounts = {f"{camera_id}-{n}": publisher.open_account() for n in range(4)}

        def publish(name):
            for number in range(40):
                publisher.publish(a_frame(name, number), accounts[name])

        threads = [threading.Thread(target=publish, args=(name,)) for name in accounts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for name, account in accounts.items():
        counts = account.counts()
        assert counts.seen == 40
        assert counts.published == len(records(topics.FRAMES, name))


# --- a broker that is away --------------------------------------------------------------------


@pytest.fixture(scope="module")
def second_broker(stack_settings):
    with data_folder() as folder:
        server = KafkaServer(
            stack_settings.model_copy(
                update={"port_offset": stack_settings.port_offset + 5, "data_folder": folder}
            )
        )
        launch(server)
        create_topics(server.settings)
        yield server
        halt(server)


@pytest.fixture
def own_broker(second_broker):
    """A broker that runs, and that a test may stop and start."""
    launch(second_broker)
    return second_broker


def test_live_pictures_are_dropped_while_the_broker_is_away_and_flow_again(own_broker, camera_id):
    with a_publisher(own_broker.settings, "live") as (publisher, clock):
        account = publisher.open_account()
        given = 0

        def publish_until(condition):
            nonlocal given
            deadline = time.monotonic() + 60
            while not condition(account.counts()):
                assert time.monotonic() < deadline, account.counts()
                publisher.publish(a_frame(camera_id, given), account)
                given += 1
                clock.sleep(0.1)

        publish_until(lambda counts: counts.published >= 3)
        halt(own_broker)
        publish_until(lambda counts: sum(counts.dropped.values()) >= 5)
        launch(own_broker)
        before = account.counts().published
        publish_until(lambda counts: counts.published >= before + 5)

    counts = account.counts()
    assert counts.open == 0
    assert counts.published + sum(counts.dropped.values()) == given
    assert set(counts.dropped) <= {"not-delivered", "no-broker", "buffer-full"}


@pytest.mark.slow
def test_of_what_waits_for_the_broker_the_oldest_gives_way(own_broker, records_of, camera_id):
    with a_publisher(own_broker.settings, "live") as (publisher, clock):
        account = publisher.open_account()
        given = 0

        def publish_until(condition):
            nonlocal given
            deadline = time.monotonic() + 60
            while not condition(account.counts()):
                assert time.monotonic() < deadline, account.counts()
                publisher.publish(a_frame(camera_id, given), account)
                given += 1
                clock.sleep(0.005)

        publish_until(lambda counts: counts.published >= 3)
        halt(own_broker)
        away_at = given
        publish_until(lambda counts: counts.dropped.get("buffer-full", 0) >= 100)
        launch(own_broker)
        back_at, before = given, account.counts().published
        publish_until(lambda counts: counts.published >= before + 20)

    counts = account.counts()
    found = records_of(own_broker.settings, topics.FRAMES, camera_id)
    numbers = [int(header_texts(each.headers)["captured_at"]) - EPOCH for each in found]
    assert counts.published + sum(counts.dropped.values()) == given
    assert numbers == sorted(numbers)
    after = [number for number in numbers if number >= away_at]
    assert after[0] >= back_at - own_broker.settings.frames_in_flight
    assert after[-1] > back_at


@pytest.mark.slow
def test_camera_events_are_published_when_the_broker_is_back(own_broker, records_of, camera_id):
    with a_publisher(own_broker.settings, "live") as (publisher, clock):
        halt(own_broker)
        for event in ("connected", "stalled"):
            publisher.emit_event(CameraEvent(camera_id, clock.now(), event, "why"))
        launch(own_broker)
        publisher.emit_event(CameraEvent(camera_id, clock.now(), "ended"))
        wait_until(lambda: len(records_of(own_broker.settings, CAMERA_EVENTS, camera_id)) == 3)

    events = [
        json.loads(record.value)
        for record in records_of(own_broker.settings, CAMERA_EVENTS, camera_id)
    ]
    for record in events:
        Draft202012Validator(schema(CAMERA_EVENTS)).validate(record)
        at = compact(parse_rfc3339(record["at"]))
        assert record["id"] == f"{camera_id}_{at}:{record['event']}"
    assert [(record["event"], record["detail"]) for record in events] == [
        ("connected", "why"),
        ("stalled", "why"),
        ("ended", ""),
    ]


def test_without_a_broker_nothing_waits_for_events(broker, camera_id):
    nobody = broker.model_copy(update={"kafka_servers": NOBODY, "live_delivery_timeout_ms": 100})
    publisher = Publisher(nobody, "live", SystemClock())
    for number in range(100):
        publisher.emit_event(CameraEvent(camera_id, NOON + number, "connected"))

    publisher.close()  # or the test would never end


def test_a_replay_waits_for_the_broker_and_loses_nothing(own_broker, camera_id):
    with a_publisher(own_broker.settings, "replay") as (publisher, _):
        account = publisher.open_account()

        def publish():
            for number in range(300):
                publisher.publish(a_frame(camera_id, number, "replay"), account)

        publisher.publish(a_frame(camera_id, 999, "replay"), account)
        wait_until(lambda: account.counts().published == 1)
        halt(own_broker)
        publishing = threading.Thread(target=publish)
        publishing.start()
        wait_until(lambda: account.counts().open == own_broker.settings.frames_in_flight)
        assert publishing.is_alive()
        launch(own_broker)
        publishing.join()

    assert account.counts().published == 301
    assert account.counts().dropped == {}


def test_an_interrupted_replay_gives_up_what_the_broker_never_took(own_broker, camera_id):
    clock = SystemClock()
    publisher = Publisher(own_broker.settings, "replay", clock)
    publisher.connect()
    account = publisher.open_account()
    halt(own_broker)
    for number in range(3):
        publisher.publish(a_frame(camera_id, number, "replay"), account)

    clock.stop.set()
    publisher.close()

    assert account.counts().dropped == {"not-delivered": 3}


def test_without_a_broker_the_command_goes_on_and_prints_what_it_dropped(start):
    process = start(
        *("publish", str(PLAZA), "--camera", "lonely", "--fps", "7", "--loop", "--json"),
        PYCTURESTREAM_KAFKA_SERVERS=NOBODY,
    )
    line = process.stderr.readline()
    time.sleep(1)
    process.send_signal(signal.SIGTERM)

    out, err = finish(process)
    record = json.loads(out)
    assert record["published"] == 0
    assert record["dropped"]["no-broker"] > 0
    assert line.startswith(f"Kafka at {NOBODY} does not answer, and pictures are dropped")
    assert err == ""


# --- the commands -----------------------------------------------------------------------------


def test_a_replayed_video_is_in_the_replay_topic_with_its_own_times(
    broker, records, camera_id, start
):
    begin_at = "2026-11-21T09:00:00.000Z"
    process = start(
        *("publish", str(PLAZA), "--camera", camera_id, "--mode", "replay", "--fps", "1"),
        *("--start", begin_at, "--json"),
    )

    record = json.loads(finish(process)[0])
    found = records(topics.FRAMES_REPLAY, camera_id)
    begin = parse_rfc3339(begin_at)
    times = [int(header_texts(each.headers)["captured_at"]) - begin for each in found]
    assert times == [1000 * second for second in range(57)]
    assert record.pop("seconds") > 0
    assert record == {
        "camera_id": camera_id,
        "published": 57,
        "dropped": {},
        "first_captured_at": begin_at,
        "last_captured_at": "2026-11-21T09:00:56.000Z",
    }
    assert broker.frame_byte_budget >= max(len(each.value) for each in found)


@pytest.mark.usefixtures("broker")
def test_a_folder_keeps_its_bytes_and_the_rest_is_logged(records, camera_id, tmp_path, start):
    _, good = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))
    (tmp_path / "x_20261121T090000125Z.jpg").write_bytes(bytes(good))
    (tmp_path / "x_20261121T090001125Z.jpg").write_bytes(b"\xff\xd8 broken")
    (tmp_path / "x_tomorrow.jpg").write_bytes(bytes(good))
    (tmp_path / "notes.txt").write_text("no picture")

    process = start("publish", str(tmp_path), "--camera", camera_id, "--mode", "replay", "--json")

    out, err = finish(process)
    found = records(topics.FRAMES_REPLAY, camera_id)
    assert [each.value for each in found] == [bytes(good), b"\xff\xd8 broken"]
    assert json.loads(out)["dropped"] == {"bad-name": 1, "not-a-picture": 1}
    assert len(err.splitlines()) == 2


@pytest.mark.usefixtures("broker")
def test_ctrl_c_delivers_what_was_taken_and_ends_well(records, camera_id, start):
    process = start(
        *("publish", str(PLAZA), "--camera", camera_id, "--fps", "5", "--loop", "--json")
    )
    wait_until(lambda: records(topics.FRAMES, camera_id))
    process.send_signal(signal.SIGINT)

    record = json.loads(finish(process)[0])
    assert record["published"] == len(records(topics.FRAMES, camera_id))
    assert record["dropped"] == {}


@pytest.mark.usefixtures("broker")
def test_a_camera_that_fails_does_not_stop_the_others(records, camera_id, tmp_path, start):
    good, bad = f"{camera_id}-good", f"{camera_id}-bad"
    file = tmp_path / "cameras.yaml"
    file.write_text(
        f"defaults: {{fps: 5, loop: true}}\n"
        f"cameras:\n"
        f"  - {{camera_id: {bad}, source: gone.mp4}}\n"
        f"  - {{camera_id: {good}, source: plaza.mp4}}\n"
    )
    (tmp_path / "plaza.mp4").symlink_to(PLAZA)

    process = start("run", str(file), "--json")
    wait_until(lambda: len(records(topics.FRAMES, good)) >= 5)
    process.send_signal(signal.SIGINT)

    out, err = finish(process)
    accounts = {record["camera_id"]: record for record in map(json.loads, out.splitlines())}
    assert accounts[good]["published"] == len(records(topics.FRAMES, good))
    assert (accounts[bad]["published"], accounts[bad]["dropped"]) == (0, {})
    assert err == f"{bad}: {tmp_path / 'gone.mp4'}: no such file or folder; trying again\n"
    [settings] = records(topics.CAMERAS, good)
    assert decode_camera(settings.value).fps == 5


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("publish", "gone.mp4", "--camera", "a"), 1, "error: gone.mp4: no such file or folder"),
        (("publish", "97", "--camera", "a"), 1, "error: device 97: can't be opened"),
        (
            ("publish", "0", "--camera", "a", "--mode", "replay"),
            2,
            "error: --mode replay needs a file or folder, and no --loop: it must end",
        ),
        (
            ("publish", "x", "--camera", "-a-"),
            2,
            "error: --camera -a-: expected 1 to 64 of A-Z a-z 0-9 . _ -",
        ),
        (
            ("publish", "x", "--camera", "a", "--start", "noon"),
            2,
            "error: --start noon: expected a time such as 2026-11-21T09:00:00Z",
        ),
        (("run", "gone.yaml"), 1, "error: gone.yaml: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("broker")
def test_a_mistake_is_reported_in_one_line(start, arguments, status, message):
    out, err = finish(start(*arguments), status)

    assert (out, err) == ("", f"{message}\n")


# --- camera settings --------------------------------------------------------------------------


def test_camera_settings_are_published_by_camera_and_newer_each_time(broker, records, camera_id):
    zone = Zone("door", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0)))
    camera = Camera(camera_id, fps=2.0, zones=(zone,), rules=(Rule("x", ("person",), ("door",)),))

    for _ in range(2):
        publish_cameras([camera], broker, SystemClock())
        time.sleep(0.01)

    first, second = (decode_camera(each.value) for each in records(topics.CAMERAS, camera_id))
    assert (first.zones, first.rules, first.fps) == (camera.zones, camera.rules, 2.0)
    assert 0 < first.revision < second.revision


# --- everything together ----------------------------------------------------------------------


def test_every_picture_of_a_camera_is_counted(broker, records, camera_id):
    class Source:
        def pictures(self, clock):
            for number in range(30):
                yield Picture(np.full((48, 64, 3), number, np.uint8), clock.now(), "test")
            yield Picture(bytes(broker.message_byte_limit + 1), clock.now(), "too large")

    settings = FollowedSettings(own=[Camera(camera_id)])
    with a_publisher(broker, "live") as (publisher, clock), capture_logs() as logs:
        camera = CameraPublisher(camera_id, "live", publisher, clock, broker, settings)
        camera.publish_source(Source())

    counts = camera.account.counts()
    assert counts.published == len(records(topics.FRAMES, camera_id)) == 30
    assert Counter(counts.dropped) == {"too-large": 1}
    assert [entry["log_level"] for entry in logs] == ["warning"]


def test_settings_that_no_broker_takes_are_an_error(broker):
    nobody = broker.model_copy(update={"kafka_servers": NOBODY, "publish_timeout_ms": 500})

    with pytest.raises(SettingsPublishError, match="camera settings not taken"):
        publish_cameras([Camera("gate")], nobody, SystemClock())
