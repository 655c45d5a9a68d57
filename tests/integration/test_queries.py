import subprocess
import sys
import threading
import uuid

import msgspec
import pytest
from kafka import KafkaProducer

from pycturestream.contracts.topics import (
    ALERTS,
    COUNTS,
    DEAD_LETTER,
    DETECTIONS,
    FRAMES,
    NARRATIONS,
)
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import parse_rfc3339, rfc3339
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.redis import RedisStore
from pycturestream.stores.search import Scope, find_counts
from tests import jpegs
from tests.builders import (
    MINUTE,
    NOON,
    alert_record,
    count_record,
    detection_record,
    message,
    narration_record,
)
from tests.command_line import command_line
from tests.store_contract import now

pytestmark = pytest.mark.integration


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def index(elasticsearch_server):
    """Return a function that writes (topic, record) pairs and makes them searchable."""
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))

    def write(*records):
        writer.write(message(topic, record) for topic, record in records)
        with connect(elasticsearch_server) as client:
            client.indices.refresh()

    yield write
    writer.close()


@pytest.fixture
def write_view(redis_server):
    """Return a function that writes (topic, record) pairs to Redis."""
    writer = BatchWriter(RedisStore(redis_server))
    yield lambda *records: writer.write(message(topic, record) for topic, record in records)
    writer.close()


@pytest.fixture
def publish(kafka_server):
    """Return a function that publishes a message and returns its position."""
    create_topics(kafka_server)
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)

    def send(topic, key, value, headers):
        return producer.send(topic, key=key.encode(), value=value, headers=headers).get(30)

    yield send
    producer.close()


def detections(camera_id, *, at=0, **fields):
    return DETECTIONS, detection_record(camera_id=camera_id, captured_at=NOON + at, **fields)


def frames(ended):
    return {record["frame_id"] for record in ended.records}


def test_pictures_are_found_by_label_and_place_of_the_same_object(run, index, camera_id):
    _, there = detections(camera_id, labels=("person",), sector="top left", zones=("door",))
    _, elsewhere = detections(camera_id, at=1, labels=("person",), sector="bottom right")
    _, other = detections(camera_id, at=2, labels=("car",), sector="top left", zones=("door",))
    mixed = {**elsewhere, "objects": elsewhere["objects"] + other["objects"]}
    index((DETECTIONS, there), (DETECTIONS, mixed), (DETECTIONS, other))

    def find(*words):
        return frames(run("find", "--camera", camera_id, "--json", *words))

    assert find("--label", "person") == {there["frame_id"], mixed["frame_id"]}
    assert find("--label", "person", "--sector", "top left") == {there["frame_id"]}
    assert find("--label", "person", "--zone", "door") == {there["frame_id"]}
    assert find("--zone", "door") == {record["frame_id"] for record in (there, mixed, other)}
    assert find("--label", "dog") == set()


def test_pictures_are_found_by_how_many_are_in_them(run, index, camera_id):
    _, crowd = detections(camera_id, labels=("person",) * 3)
    _, mixed = detections(camera_id, at=1, labels=("person", "car", "car"))
    index((DETECTIONS, crowd), (DETECTIONS, mixed))

    def find(*words):
        return frames(run("find", "--camera", camera_id, "--json", *words))

    assert find("--label", "person", "--min-count", 2) == {crowd["frame_id"]}
    assert find("--min-count", 2) == {crowd["frame_id"], mixed["frame_id"]}
    assert find("--min-count", 4) == set()


def test_pictures_are_found_by_time_the_newest_first(run, index, camera_id):
    index(*(detections(camera_id, at=number * MINUTE) for number in range(5)))

    ended = run(
        "find", "--camera", camera_id, "--json", "--limit", 2,
        "--since", rfc3339(NOON + MINUTE), "--until", rfc3339(NOON + 4 * MINUTE),
    )  # fmt: skip

    assert [parse_rfc3339(record["captured_at"]) for record in ended.records] == [
        NOON + 3 * MINUTE,
        NOON + 2 * MINUTE,
    ]


def test_a_replay_is_searched_by_its_name(run, index, camera_id):
    index(detections(camera_id, run="try-1", model="other"))

    assert run("find", "--camera", camera_id, "--json").records == []
    assert len(run("find", "--camera", camera_id, "--run", "try-1", "--json").records) == 1
    assert run("find", "--run", "no-such-run", "--json").records == []


def test_more_than_a_page_is_read_to_the_end(index, elasticsearch_server, camera_id):
    windows = [
        (COUNTS, count_record(camera_id=camera_id, window_start=NOON + number * MINUTE))
        for number in range(2_100)
    ]
    index(*windows)

    with connect(elasticsearch_server) as client:
        scope = Scope(camera_id=camera_id)
        everything = list(find_counts(client, scope, limit=5_000))
        some = list(find_counts(client, scope, limit=1_500))

    assert everything == [record for _, record in reversed(windows)]
    assert some == everything[:1_500]


def test_the_pictures_that_the_log_still_holds_are_saved(run, index, publish, camera_id, tmp_path):
    records = []
    for number in range(3):
        picture = jpegs.encoded(64, 48, shade=80 * number)
        frame = Frame(camera_id, NOON + number, picture[:2] + jpegs.EXIF + picture[2:] + b"hidden")
        place = publish(FRAMES, camera_id, frame.jpeg, frame.headers(NOON + number))
        _, record = detections(camera_id, at=number, offset=place.offset)
        record["picture"]["partition"] = place.partition
        records.append(record)
    _, forgotten = detections(camera_id, at=10, offset=1_000_000)
    _, someone_elses = detections(camera_id, at=11, offset=records[0]["picture"]["offset"])
    someone_elses["picture"]["partition"] = records[0]["picture"]["partition"]
    records += [forgotten, someone_elses]
    index(*((DETECTIONS, record) for record in records))

    ended = run("find", "--camera", camera_id, "--save", tmp_path / "pictures")

    assert "3 pictures saved" in ended.output
    assert "; 2 missing: " in ended.output
    saved = {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()}
    assert not any(b"GPS" in jpeg or b"hidden" in jpeg for jpeg in saved.values())
    # Below the heads, which are grey.
    shades = {name: round(jpegs.pixels_of(jpeg)[-8:].mean()) for name, jpeg in saved.items()}
    assert shades == {
        f"{record['frame_id']}.jpg": 80 * number for number, record in enumerate(records[:3])
    }


def test_counts_are_found_by_label(run, index, camera_id):
    person, car = (count_record(camera_id=camera_id, label=label) for label in ("person", "car"))
    index((COUNTS, person), (COUNTS, car))

    ended = run("counts", "--camera", camera_id, "--label", "car", "--json")

    assert ended.records == [car]
    assert "car" in run("counts", "--camera", camera_id).output


@pytest.fixture
def day(index, camera_id):
    """Write two minutes of one hour, and one of the next; return when the hour begins."""
    starts = (NOON, NOON + 30 * MINUTE, NOON + 60 * MINUTE)
    records = [count_record(camera_id=camera_id, window_start=start, most=2) for start in starts]
    records.append(count_record(camera_id=camera_id, window_start=NOON, label="car", most=9))
    index(*((COUNTS, record) for record in records))
    return NOON


def test_counts_are_summed_up_by_hours_and_days(run, day, camera_id):
    def totals(*words):
        told = run(
            "counts", "--camera", camera_id, "--label", "person", "--json",
            "--since", rfc3339(day), "--until", rfc3339(day + 70 * MINUTE), *words,
        ).records  # fmt: skip
        return [(record["window_start"][11:16], record["unique"]) for record in told]

    assert totals("--window", "1h") == [("13:00", 2), ("12:00", 4)]
    assert totals("--window", "1d") == [("23:00", 6)]  # in Vienna


def test_a_span_that_has_begun_is_counted_whole(run, day, camera_id):
    ended = run(
        "counts", "--camera", camera_id, "--label", "person", "--window", "1h", "--json",
        "--since", rfc3339(day + 20 * MINUTE), "--until", rfc3339(day + 25 * MINUTE),
    )  # fmt: skip
    assert [record["frames"] for record in ended.records] == [240]


def test_attendance_is_counted_on_a_line_where_there_is_one(run, day, camera_id):
    ended = run("counts", "--camera", camera_id, "--attendance", "--json", "--since", rfc3339(day))
    (came,) = ended.records
    assert (came["different"], came["counted_by"], came["line"]) == (3, "line", "gate")
    words = ("counts", "--camera", camera_id, "--attendance", "--since", rfc3339(day))
    assert "line gate, in" in run(*words).output


def test_the_most_common_label_comes_first(run, day, camera_id):
    words = ("counts", "--camera", camera_id, "--labels", "--since", rfc3339(day))
    assert [(record["label"], record["unique"]) for record in run(*words, "--json").records] == [
        ("car", 9),
        ("person", 6),
    ]
    assert "car" in run(*words).output


@pytest.mark.usefixtures("publish")  # the commands of alerts are in the log
def test_open_alerts_are_found(run, index, camera_id):
    gone = alert_record(camera_id=camera_id, rule="gone", state="cleared", revision=2)
    here = alert_record(camera_id=camera_id, rule="here", state="updated", revision=1)
    index((ALERTS, gone), (ALERTS, here))

    (found,) = run("alerts", "--camera", camera_id, "--open", "--json").records
    assert {name: found[name] for name in here} == here
    assert len(run("alerts", "--camera", camera_id, "--json").records) == 2


def test_narrations_are_found(run, index, camera_id):
    narration = narration_record(camera_id=camera_id, text="Two people in the center.")
    index((NARRATIONS, narration))

    assert run("narrations", "--camera", camera_id, "--json").records == [narration]
    assert "Two people in the center." in run("narrations", "--camera", camera_id).output


def test_the_newest_record_of_a_camera_is_shown(run, write_view, camera_id):
    _, record = detections(camera_id, at=now() - NOON, sector="top left")
    write_view((DETECTIONS, record))

    assert run("latest", camera_id, "--json").records == [record]
    assert "top left" in run("latest", camera_id).output


def test_for_an_unknown_camera_the_known_ones_are_listed(run, write_view, camera_id):
    write_view(detections(camera_id, at=now() - NOON))

    ended = run("latest", "nobody")

    assert ended.status == 1
    assert camera_id in ended.errors


@pytest.fixture
def dead_letters(run, publish, camera_id):
    """Publish three dead letters; return a function that queries them."""
    for reason, value in (("truncated", b"one"), ("truncated", b"four"), ("not-jpeg", b"three")):
        headers = {
            "reason": reason, "detail": f"it is {reason}", "size": str(len(value)), "sha256": "00",
            "topic": "frames", "partition": "2", "offset": str(len(value)),
            "received_at": str(NOON + len(value)),
        }  # fmt: skip
        publish(
            DEAD_LETTER, camera_id, value, [(name, text.encode()) for name, text in headers.items()]
        )
    return lambda *words: run("dead-letters", "--camera", camera_id, *words)


def test_dead_letters_have_a_reason_and_are_counted_by_it(dead_letters):
    (letter,) = dead_letters("--reason", "not-jpeg", "--json").records

    assert "truncated 2, not-jpeg 1" in dead_letters().output
    assert letter["detail"] == "it is not-jpeg"
    assert letter["came_from"] == "frames/2/5"
    assert letter["at"] == rfc3339(NOON + 5)


def test_dead_letters_are_filtered_by_time_the_newest_first(dead_letters):
    def found(*words):
        return [letter["size"] for letter in dead_letters("--json", *words).records]

    assert found() == ["5", "4", "3"]
    assert found("--limit", 2) == ["5", "4"]
    assert found("--since", rfc3339(NOON + 4)) == ["5", "4"]
    assert found("--since", rfc3339(NOON + 6)) == []


def test_dead_letters_are_summed_up(dead_letters, camera_id):
    summary = dead_letters("--summary", "--json").records

    assert summary == [
        {
            "reason": "truncated",
            "count": 2,
            "cameras": {camera_id: 2},
            "newest": rfc3339(NOON + 4),
        },
        {
            "reason": "not-jpeg",
            "count": 1,
            "cameras": {camera_id: 1},
            "newest": rfc3339(NOON + 5),
        },
    ]
    assert f"{camera_id} 2" in dead_letters("--summary").output


def test_dead_letters_are_saved_with_their_fields(dead_letters, camera_id, tmp_path):
    ended = dead_letters("--reason", "truncated", "--limit", 1, "--save", tmp_path)

    assert "0 saved in" in ended.output
    assert "of 1 only the reason" in ended.output
    saved = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert msgspec.json.decode(saved.pop("frames-2-4.json")) == {
        "camera_id": camera_id,
        "at": rfc3339(NOON + 4),
        "reason": "truncated",
        "detail": "it is truncated",
        "size": "4",
        "sha256": "00",
        "came_from": "frames/2/4",
        "left_out": "it can't be decoded, and so not blurred (not-an-image); --original saves the "
        "bytes, where the camera allows it",
    }
    assert not saved


def test_a_reason_that_there_is_not_is_answered_with_those_that_there_are(dead_letters):
    ended = dead_letters("--reason", "ugly")

    assert ended.status == 2
    assert "not-jpeg" in ended.errors


def test_watch_prints_a_line_for_each_record_as_it_comes(write_view, camera_id):
    watching = subprocess.Popen(
        [sys.executable, "-m", "pycturestream.cli.main", "watch", camera_id, "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    written = threading.Event()

    def keep_writing():
        while not written.wait(0.2):
            write_view(detections(camera_id, at=now() - NOON))

    writing = threading.Thread(target=keep_writing)
    writing.start()
    line = watching.stdout.readline()
    written.set()
    writing.join()
    watching.send_signal(2)
    status = watching.wait(timeout=30)
    watching.stdout.close()

    assert msgspec.json.decode(line)["camera_id"] == camera_id
    assert status == 130
