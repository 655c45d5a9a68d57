"""Flink SQL over the log: the shipped queries on records whose answers are known."""

import subprocess
import sys
import uuid
from random import Random

import pytest
from kafka import KafkaProducer

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import (
    ALERT_EVENTS,
    ALERTS,
    ARCHIVED,
    CAMERA_EVENTS,
    COUNTS,
    DETECTIONS,
    FRAMES,
    NARRATIONS,
)
from pycturestream.domain.counting.rollup import attendance, roll_up, total
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.times import parse_rfc3339, to_local
from pycturestream.localstack.job_states import running_jobs
from pycturestream.localstack.sql_files import FOLDER, declarations, statements
from pycturestream.localstack.sql_gateway import StatementError, sql_session
from pycturestream.log.create_topics import create_topics
from tests.builders import (
    MINUTE,
    NOON,
    alert_event_record,
    alert_record,
    archived_record,
    as_json,
    detection_record,
    event_record,
    message,
    narration_record,
)
from tests.command_line import command_line

pytestmark = pytest.mark.integration

OWN = uuid.uuid4().hex[:8]
"""In the names of this module's cameras: other tests write to the same topics."""
DOOR, HALL = f"door-{OWN}", f"hall-{OWN}"
NIGHT = parse_rfc3339("2026-10-24T23:30:00.000Z")
"""In Vienna the hour from 2 to 3 comes twice within the two and a half hours after this."""
HOUR = 60 * MINUTE


def window(camera_id, start, *, label="person", unique=0, new=0, came=None, **fields):
    return WindowCount(
        **{
            "camera_id": camera_id,
            "site": "north",
            "timezone": "Europe/Vienna",
            "label": label,
            "window_start": start,
            "window_end": start + MINUTE,
            "frames": 100,
            "maximum": unique,
            "mean": float(unique),
            "unique": unique,
            "new": new,
            "entered": {},
            "left": {},
            "crossed_in": {} if came is None else {"entrance": came},
            "crossed_out": {},
            "revision": 0,
            **fields,
        }
    )


KNOWN = [
    window(DOOR, NOON, unique=2, new=2, came=1),
    window(DOOR, NOON, unique=3, new=3, came=3, revision=1),  # a late picture corrected it
    window(DOOR, NOON + MINUTE, unique=4, new=1, came=2),
    window(DOOR, NOON + HOUR, unique=1, new=0, came=4),
    window(HALL, NOON, unique=5, new=1),
    window(HALL, NOON + MINUTE, unique=3, new=2),
    window(HALL, NOON + HOUR, unique=6, new=0),
    window(HALL, NOON, label="car", unique=9, new=9),
]
REPLAYED = window(DOOR, NOON + HOUR, unique=50, new=50, came=50, revision=9)


def chance(seed=7):
    """Return revisions of windows through the night in which clocks are set back."""
    random, found = Random(seed), []
    for name, timezone, lines in (
        ("vienna", "Europe/Vienna", ("east", "west")),
        ("kolkata", "Asia/Kolkata", ()),  # half an hour beside all others
        ("changed", "UTC", ("new",)),
    ):
        for minute in random.sample(range(150), 60):
            for label in ("person", "dog"):
                # A line that was drawn later: windows before it have none.
                drawn = lines if name != "changed" or minute > 75 else ()
                for revision in range(random.randint(1, 3)):
                    unique = random.randint(0, 9)
                    found.append(
                        window(
                            f"{name}-{OWN}",
                            NIGHT + minute * MINUTE,
                            label=label,
                            unique=unique,
                            new=random.randint(0, unique),
                            timezone=timezone,
                            frames=random.randint(1, 120),
                            mean=round(random.uniform(0, unique), 3),
                            crossed_in={line: random.randint(0, 5) for line in drawn},
                            revision=revision,
                        )
                    )
    random.shuffle(found)
    return found


def newest(counts):
    last = {}
    for count in counts:
        key = (count.camera_id, count.label, count.window_start)
        if key not in last or last[key].revision < count.revision:
            last[key] = count
    return list(last.values())


@pytest.fixture(scope="module")
def log(kafka_server):
    """Write the records and pictures of this module."""
    create_topics(kafka_server)
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)
    records = [
        *(as_json(count) for count in (*KNOWN, *chance())),
        as_json(REPLAYED, "try-1"),
        (DETECTIONS, detection_record(camera_id=DOOR, labels=("person", "car"), zones=("door",))),
        (ALERTS, alert_record(camera_id=DOOR, level=3)),
        (NARRATIONS, narration_record(camera_id=DOOR, text="A person; it's on the left.")),
        (CAMERA_EVENTS, event_record(camera_id=DOOR)),
        (ALERT_EVENTS, alert_event_record(camera_id=DOOR)),
        (ARCHIVED, archived_record(camera_id=DOOR)),
    ]
    for topic, record in records:
        producer.send(topic, key=record["camera_id"].encode(), value=message(topic, record)[1])
    producer.send(COUNTS, key=DOOR.encode(), value=b"no record at all")
    for headers in (
        {"captured_at": b"%d" % NOON, "sent_at": b"%d" % (NOON + 250), "mode": b"live"},
        {"captured_at": b"soon", "sent_at": b"\xff\xfe", "mode": b"live"},
        {"captured_at": b"9" * 30, "sent_at": b""},
        {"captured_at": b"9" * 18},
        {},
    ):
        producer.send(FRAMES, key=DOOR.encode(), value=b"picture", headers=list(headers.items()))
    producer.flush()
    producer.close()


@pytest.fixture(scope="module")
def session(log, flink_cluster):  # noqa: ARG001 - written before anything is asked
    with sql_session(flink_cluster) as session:
        for statement in statements(declarations(flink_cluster)):
            session.run(statement)
        yield session


@pytest.fixture(scope="module")
def answers(session):
    """Return the results of each shipped query for this module's cameras."""
    return {file.stem: ask(session, file.read_text("utf-8")) for file in QUERIES}


QUERIES = sorted(file for file in FOLDER.glob("*.sql") if file.name != "tables.sql")


def ask(session, text):
    told = [session.run(statement) for statement in statements(text)]
    return [
        record
        for answer in told
        if answer
        for record in answer.records()
        if record.get("camera_id", OWN).endswith(OWN)
    ]


def of(records, *cameras):
    return [record for record in records if record["camera_id"] in cameras]


def test_the_most_common_class_of_each_camera_comes_first(answers):
    told = of(answers["most-common-class"], DOOR, HALL)
    assert [(record["camera_id"], record["label"], record["different"]) for record in told] == [
        (DOOR, "person", 3 + 1 + 0),
        (HALL, "car", 9),
        (HALL, "person", 5 + 2 + 0),
    ]


def test_attendance_is_counted_on_lines_or_else_by_tracks(answers):
    assert of(answers["attendance"], DOOR, HALL) == [
        {"camera_id": DOOR, "line": "entrance", "different": 3 + 2 + 4},
        {"camera_id": HALL, "line": None, "different": 5 + 2 + 0},
    ]


def test_the_busiest_hour_is_in_the_cameras_time_zone(answers):
    assert of(answers["busiest-hour"], DOOR, HALL) == [
        {
            "camera_id": DOOR, "line": "entrance", "hour": "2026-11-21 13:00:00",
            "timezone": "Europe/Vienna", "different": 3 + 2,
        },
        {
            "camera_id": HALL, "line": None, "hour": "2026-11-21 13:00:00",
            "timezone": "Europe/Vienna", "different": 5 + 2,
        },
    ]  # fmt: skip


@pytest.mark.slow
def test_all_answers_agree_with_the_command_line_also_when_clocks_are_set_back(answers):
    counts = newest(chance())
    assert of(answers["most-common-class"], *{count.camera_id for count in counts}) == [
        {
            "camera_id": count.camera_id,
            "label": count.label,
            "different": count.unique,
            "mean": pytest.approx(count.mean, abs=0.001),
            "most": count.maximum,
        }
        for count in total(counts)
    ]
    people = [count for count in counts if count.label == "person"]
    assert of(answers["attendance"], *{count.camera_id for count in counts}) == sorted(
        (
            {"camera_id": came.count.camera_id, "line": came.line, "different": came.people}
            for came in attendance(total(people))
        ),
        key=lambda record: (record["camera_id"], record["line"]),
    )
    busiest = {}
    for came in reversed(attendance(roll_up(people, "1h"))):  # the newest hour comes first
        place = (came.count.camera_id, came.line)
        if place not in busiest or busiest[place].people < came.people:
            busiest[place] = came
    assert {
        (record["camera_id"], record["line"]): (record["hour"], record["different"])
        for record in of(answers["busiest-hour"], *{count.camera_id for count in counts})
    } == {
        place: (
            to_local(came.count.window_start, came.count.timezone).strftime("%Y-%m-%d %H:%M:%S"),
            came.people,
        )
        for place, came in busiest.items()
    }


def test_headers_that_are_missing_or_no_time_are_null(session, answers):
    told = ask(
        session,
        "SELECT camera_id, captured_at, sent_at, `mode` FROM frames ORDER BY `partition`, `offset`",
    )
    assert [(frame["captured_at"], frame["sent_at"], frame["mode"]) for frame in told] == [
        ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00.25Z", "live"),
        (None, None, "live"),
        *[(None, None, None)] * 3,
    ]
    (age,) = of(answers["picture-age"], DOOR)
    assert (age["pictures"], age["without_time"], age["age_when_sent"]) == (5, 4, 250)


def test_every_table_returns_its_records_with_nested_fields(session):
    objects = """
        SELECT camera_id, captured_at, found.label, found.zones, found.box[4], d.picture.topic
        FROM detections AS d
        CROSS JOIN UNNEST(objects) AS found
            (label, score, box, track_id, sector, zones, stationary, detected_as, weak, approaching)
        ORDER BY found.label
    """
    for query, expected in (
        (
            objects,
            [
                ("2026-11-21T12:00:00Z", label, ["door"], 0.9, "frames")
                for label in ("car", "person")
            ],
        ),
        (
            "SELECT camera_id, level, raised_at, cleared_at FROM alerts",
            [(3, "2026-11-21T12:00:00Z", None)],
        ),
        (
            "SELECT camera_id, text FROM narrations WHERE text LIKE '%;%'",
            [("A person; it's on the left.",)],
        ),
        (
            "SELECT camera_id, `at`, event, frames FROM camera_events",
            [("2026-11-21T12:00:00Z", "offline", None)],
        ),
        (
            "SELECT camera_id, `by`, taken_back, delay_ms FROM alert_events",
            [("guard", False, 4_000)],
        ),
        (
            "SELECT camera_id, why, `size`, removed_at FROM archived",
            [(["alert"], 81_234, None)],
        ),
    ):
        told = ask(session, query)
        assert [tuple(record.values())[1:] for record in told] == expected


def test_a_statement_that_flink_rejects_is_reported_with_the_position(session):
    with pytest.raises(StatementError, match=r"line 1, column 8.*'nobody' not found"):
        session.run("SELECT nobody FROM counts")


def test_a_query_that_fails_ends_and_leaves_no_job(session, flink_cluster):
    with pytest.raises(StatementError, match="abc"):
        session.run("SELECT CAST(camera_id || 'abc' AS INT) FROM newest_counts")
    assert not [job for job in running_jobs(flink_cluster) if job.name == "query"]


@pytest.mark.usefixtures("log", "flink_cluster")
def test_a_file_is_run_by_the_command(monkeypatch, capsys, tmp_path):
    file = tmp_path / "questions.sql"
    file.write_text("SELECT 1 AS n, ARRAY['a'] AS letters;\nSELECT 1 FROM nothing;\n")

    ended = command_line(monkeypatch, capsys)("sql", file, "--json")

    assert ended.records == [{"n": 1, "letters": ["a"]}]
    assert ended.status == 1
    assert "questions.sql, statement 2: " in ended.errors
    assert "'nothing' not found" in ended.errors
    assert ended.errors.strip().count("\n") == 0


@pytest.mark.slow
@pytest.mark.usefixtures("log", "flink_cluster")
def test_without_a_file_the_sql_client_runs():
    talk = subprocess.run(
        [sys.executable, "-m", "pycturestream.cli.main", "sql"],
        input="SHOW VIEWS;\nQUIT;\n",
        cwd=PROJECT_FOLDER,
        check=False,
        capture_output=True,
        text=True,
    )
    assert talk.returncode == 0
    assert "newest_counts" in talk.stdout
    assert "busiest-hour.sql" in talk.stderr
