"""Erasing on real servers: everywhere, also after a kill, and it stays away after a rebuild."""

import json
import os
import signal
import uuid
import zipfile
from contextlib import closing, suppress

import pytest
import requests

from pycturestream.application.jobs import submit
from pycturestream.cli.composition.erasing import parts
from pycturestream.contracts import topics
from pycturestream.contracts.records import to_record
from pycturestream.contracts.topics import ALERTS, COUNTS, DETECTIONS, NARRATIONS
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.erasure import Erasure, Erasures
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import DAY_MS, compact, rfc3339
from pycturestream.localstack.jobs import JOBS, Job
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.alert_commands import known_alert_commands, publish_alert_command
from pycturestream.log.clients import producer
from pycturestream.log.create_topics import create_topics
from pycturestream.log.dead_letters import read_dead_letters
from pycturestream.log.erasing import AlertCommandsPlace, LogPlace
from pycturestream.log.erasures import (
    FollowedErasures,
    end_erasures,
    known_erasures,
    publish_erasure,
)
from pycturestream.log.reader import read_of_key
from pycturestream.stores import erasing_elasticsearch
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.erasing_elasticsearch import ElasticsearchPlace, records_of
from pycturestream.stores.erasing_redis import RedisPlace
from pycturestream.stores.record import decode_result
from pycturestream.stores.redis import RedisStore
from pycturestream.stores.redis_client import connect as connect_redis
from pycturestream.stores.redis_view import RedisView
from pycturestream.stores.search import Scope, find_alerts, find_detections
from tests.builders import (
    MINUTE,
    alert_event_record,
    alert_record,
    count_record,
    detection_record,
    event_record,
    message,
    narration_record,
)
from tests.store_contract import now
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

ERASE_S = 180
"""A command on a busy machine, with its waits."""


@pytest.fixture(scope="module")
def log(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def minute():
    """The beginning of the minute before last: what is asked for lies in the past."""
    return now() // MINUTE * MINUTE - 2 * MINUTE


@pytest.fixture
def publish(log):
    """Return a function that writes (topic, record) pairs, in their order."""
    with closing(producer(log, "test")) as kafka:

        def send(*records, key=None):
            for topic, record in records:
                name = key or record["camera_id"]
                value = record if isinstance(record, bytes) else json.dumps(record).encode()
                kafka.send(topic, key=name.encode(), value=value).get(30)

        yield send


def history(camera_id, at, run="live"):
    """Return one record of each kind that tells of the minute from `at`, and of another one."""
    later = at + MINUTE
    erased = [
        (DETECTIONS, detection_record(camera_id=camera_id, captured_at=at, run=run)),
        (COUNTS, count_record(camera_id=camera_id, window_start=at, run=run)),
        (ALERTS, alert_record(camera_id=camera_id, raised_at=at, revision=1, run=run)),
        (NARRATIONS, narration_record(camera_id=camera_id, captured_at=at) | {"run": run}),
        (topics.CAMERA_EVENTS, event_record(camera_id=camera_id, at=at, run=run)),
    ]
    kept = [
        (DETECTIONS, detection_record(camera_id=camera_id, captured_at=at - 1, run=run)),
        (COUNTS, count_record(camera_id=camera_id, window_start=later, run=run)),
        (ALERTS, alert_record(camera_id=camera_id, raised_at=later, revision=1, run=run)),
        (topics.CAMERA_EVENTS, event_record(camera_id=camera_id, at=later, run=run)),
    ]
    return erased, kept


def grown(camera_id, at):
    """Return the changes of an alert that begins before the minute from `at` and ends in it."""
    begin = {"camera_id": camera_id, "rule": "loiterer", "raised_at": at - MINUTE}
    raised = alert_record(**begin, revision=1)
    cleared = alert_record(**begin, revision=2, updated_at=at + 1_000, state="cleared")
    return [(ALERTS, raised), (ALERTS, cleared)]


class TestTopic:
    def test_what_is_written_is_known_to_who_reads_and_to_who_follows(self, log, camera_id, minute):
        asked = Erasure(camera_id, minute, minute + MINUTE, now())
        with closing(FollowedErasures(log)) as follower:
            follower.require(60)
            publish_erasure(log, asked)
            publish_erasure(log, asked)

            assert eventually(lambda: follower.known.covers(camera_id, minute))
            assert known_erasures(log)[asked.key] == asked
            with closing(FollowedErasures(log)) as late:
                late.require(60)
                assert late.known.covers(camera_id, minute)
            end_erasures(log, [asked.key])
            assert eventually(lambda: not follower.known.covers(camera_id, minute))
        assert asked.key not in known_erasures(log)


class TestStores:
    """Each store, with a writer that obeys and a place that erases."""

    @pytest.fixture(params=[ElasticsearchStore, RedisStore])
    def writer(self, request, redis_server, elasticsearch_server):
        settings = redis_server if request.param is RedisStore else elasticsearch_server
        self.erased = Erasures()
        writer = BatchWriter(request.param(settings), lambda: self.erased)
        yield writer
        writer.close()

    def test_an_alert_that_grows_into_an_erased_time_is_removed(
        self, writer, redis_server, elasticsearch_server, camera_id, minute
    ):
        raised, cleared = (message(*one) for one in grown(camera_id, minute))
        assert writer.write([raised]) == [Done.WRITTEN]
        self.erased = Erasures.of([Erasure(camera_id, minute, minute + MINUTE, now())])

        assert writer.write([cleared]) == [Done.ERASED]
        assert writer.write([cleared]) == [Done.ERASED]

        with closing(RedisView(redis_server)) as view:
            assert view.alerts(camera_id) == ()
        assert indexed(elasticsearch_server, find_alerts, camera_id) == []

    def test_in_one_request_what_is_erased_is_told_from_what_is_not(
        self, writer, camera_id, minute
    ):
        self.erased = Erasures.of([Erasure(camera_id, minute, minute + MINUTE, now())])
        erased, kept = history(camera_id, minute)
        mixed = [pair for both in zip(erased, kept, strict=False) for pair in both]

        outcomes = writer.write([message(*one) for one in mixed])

        for one, outcome in zip(mixed, outcomes, strict=True):
            if outcome is not Done.SKIPPED:  # Redis keeps no events
                is_erased = decode_result(*message(*one)).is_erased(self.erased)
                assert outcome is (Done.ERASED if is_erased else Done.WRITTEN)
        assert outcomes.count(Done.ERASED) >= 4
        assert outcomes.count(Done.WRITTEN) >= 3

    def test_redis_is_erased_and_a_newer_record_stays(self, redis_server, camera_id, minute):
        erased, _ = history(camera_id, minute)
        asked = Erasure(camera_id, minute, minute + MINUTE, now())
        newest = detection_record(camera_id=camera_id, captured_at=minute + MINUTE)
        place = RedisPlace(redis_server)
        with (
            closing(BatchWriter(RedisStore(redis_server))) as writer,
            closing(RedisView(redis_server)) as view,
        ):
            cleared = [message(*one) for one in grown(camera_id, minute)]
            writer.write([*(message(*one) for one in erased), *cleared])
            assert view.latest(camera_id)

            found = place.count(asked)
            assert place.erase(asked) == found
            assert found.erased == {
                DETECTIONS: 1,
                COUNTS: 1,
                ALERTS: 2,
                NARRATIONS: 0,  # had expired
                "last-seen": 1,
            }
            assert not any(place.erase(asked).erased.values())
            assert eventually(lambda: camera_id.encode() not in bytes_below(redis_server, "redis"))
            assert view.latest(camera_id) is None
            assert camera_id not in view.cameras()
            with closing(connect_redis(redis_server)) as client:
                assert list(client.scan_iter(f"camera:{camera_id}:*")) == []

            writer.write([message(DETECTIONS, newest)])
            assert not any(place.erase(asked).erased.values())
            assert view.latest(camera_id) == newest

    def test_the_last_sentence_is_erased_in_redis(self, redis_server, camera_id):
        said_at = now()
        with (
            closing(BatchWriter(RedisStore(redis_server))) as writer,
            closing(RedisView(redis_server)) as view,
        ):
            said = narration_record(camera_id=camera_id, captured_at=said_at)
            writer.write([message(NARRATIONS, said)])
            assert view.narration(camera_id) == said

            report = RedisPlace(redis_server).erase(Erasure(camera_id, said_at, said_at + 1, 0))

            assert report.erased[NARRATIONS] == 1
            assert view.narration(camera_id) is None

    @pytest.fixture
    def not_waiting(self, monkeypatch):
        """Merge once: half a minute passes before Elasticsearch drops what was deleted."""
        monkeypatch.setattr(erasing_elasticsearch, "_MERGES", 1)
        monkeypatch.setattr(erasing_elasticsearch, "_MERGE_WAIT_S", 0)

    @pytest.mark.usefixtures("not_waiting")
    def test_elasticsearch_is_erased_in_all_runs(self, elasticsearch_server, camera_id, minute):
        settings = elasticsearch_server
        asked = Erasure(camera_id, minute, minute + MINUTE, now())
        run = f"try-{uuid.uuid4().hex[:8]}"
        records = [
            one
            for name in ("live", run)
            for some in history(camera_id, minute, name)
            for one in some
        ]
        records += grown(camera_id, minute)
        records += history("another-camera", minute)[0]
        with closing(BatchWriter(ElasticsearchStore(settings))) as writer:
            writer.write([message(*one) for one in records])
        place = ElasticsearchPlace(settings)
        plain = {topic: ids_of(records, topic, asked) for topic in topics.SERVED}

        found = place.count(asked)
        with connect(settings) as client:
            exported = {
                topic: sorted(one["id"] + one["run"] for one in records_of(client, topic, asked))
                for topic in topics.SERVED
            }
        assert exported == plain
        assert found.erased == {topic: len(ids) for topic, ids in plain.items()}
        assert place.erase(asked).erased == found.erased

        assert not any(place.count(asked).erased.values())
        assert len(indexed(settings, find_detections, camera_id)) == 1
        assert len(indexed(settings, find_detections, camera_id, run)) == 1
        assert len(indexed(settings, find_detections, "another-camera")) >= 1

    @pytest.mark.slow
    def test_elasticsearch_writes_its_files_anew_without_what_was_deleted(
        self, elasticsearch_server, camera_id, minute
    ):
        settings, run = elasticsearch_server, f"try-{uuid.uuid4().hex[:8]}"
        with closing(BatchWriter(ElasticsearchStore(settings))) as writer:
            writer.write(
                [message(*one) for some in history(camera_id, minute, run) for one in some]
            )

        ElasticsearchPlace(settings).erase(Erasure(camera_id, minute, minute + MINUTE, now()))

        with connect(settings) as client:
            stats = client.indices.stats(index=f"detections-{run}-*", metric="docs")
            documents = stats["_all"]["primaries"]["docs"]
        # An object and a count of a label are documents of their own beside the one that is left.
        assert (documents["count"], documents["deleted"]) == (3, 0)

    @pytest.mark.usefixtures("not_waiting")
    def test_what_became_of_an_erased_alert_goes_with_it_whenever_it_happened(
        self, elasticsearch_server, camera_id, minute
    ):
        asked = Erasure(camera_id, minute, minute + MINUTE, now())
        said = {"camera_id": camera_id, "at": minute + 2 * MINUTE}
        events = {
            f"{camera_id}-known": rfc3339(minute),
            f"{camera_id}-later": rfc3339(minute + MINUTE),
            # of older programs, which did not write when the alert was raised
            f"rule:{camera_id}_{compact(minute)}#0": None,
            f"rule:{camera_id}_{compact(minute - MINUTE)}#0": None,
            f"{camera_id}-strange": None,
        }
        erased = {f"{camera_id}-known", f"rule:{camera_id}_{compact(minute)}#0"}
        records = [
            alert_event_record(alert_id=alert_id, **said)
            | ({} if raised_at is None else {"raised_at": raised_at})
            for alert_id, raised_at in events.items()
        ]
        with closing(BatchWriter(ElasticsearchStore(elasticsearch_server))) as writer:
            writer.write([message(topics.ALERT_EVENTS, one) for one in records])
        place = ElasticsearchPlace(elasticsearch_server)

        assert place.count(asked).erased[topics.ALERT_EVENTS] == 2
        assert place.erase(asked).erased[topics.ALERT_EVENTS] == 2

        everything = Erasure(camera_id, 0, now() + MINUTE, now())
        with connect(elasticsearch_server) as client:
            left = records_of(client, topics.ALERT_EVENTS, everything)
            assert {one["alert_id"] for one in left} == events.keys() - erased

    @pytest.mark.usefixtures("not_waiting")
    def test_the_alert_rate_of_a_day_goes_with_any_moment_of_it(
        self, elasticsearch_server, camera_id, minute
    ):
        today = minute - minute % DAY_MS
        rates = [
            DailyRate(camera_id=camera_id, at=at, said_at=at + 1, alerts=3, hours=24.0, mark=0)
            for at in (today - DAY_MS, today)
        ]
        with closing(BatchWriter(ElasticsearchStore(elasticsearch_server))) as writer:
            writer.write([message(*to_record(each, "live", 0)) for each in rates])
        place = ElasticsearchPlace(elasticsearch_server)
        asked = Erasure(camera_id, minute, minute + MINUTE, now())

        assert place.count(asked).erased[topics.ALERT_EVENTS] == 1
        assert place.erase(asked).erased[topics.ALERT_EVENTS] == 1

        everything = Erasure(camera_id, 0, now() + MINUTE, now())
        with connect(elasticsearch_server) as client:
            left = [each["id"] for each in records_of(client, topics.ALERT_EVENTS, everything)]
            assert left == [rates[0].id]


def bytes_below(settings, folder):
    """Return what is in all files of a server, which may replace them meanwhile."""
    found = []
    for path in (settings.data_folder / folder).rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):
            found.append(path.read_bytes())
    return b"".join(found)


def ids_of(records, topic, asked):
    """Return the ids and runs of the newest revisions that a plain filter covers."""
    newest = {}
    for name, fields in records:
        record = decode_result(*message(name, fields))
        if name == topic:
            newest[record.id, record.run] = record
    erased = Erasures.of([asked])
    return sorted(
        record_id + run for (record_id, run), one in newest.items() if one.is_erased(erased)
    )


def indexed(settings, find, camera_id, run="live"):
    with connect(settings) as client:
        client.indices.refresh(index="*")
        return list(find(client, Scope(run, camera_id), 100))


class TestLog:
    def test_what_the_log_holds_is_counted_with_its_expiry_and_no_reader_shows_it(
        self, log, publish, camera_id, minute
    ):
        erased, kept = history(camera_id, minute)
        publish(*kept, *erased)
        publish((topics.DEAD_LETTER, b"no picture"), (topics.FRAMES_REPLAY, b"jpeg"), key=camera_id)
        at = now()
        asked = Erasure(camera_id, minute, at + 1, at)
        assert camera_id in {letter.camera_id for letter in read_dead_letters(log)}
        publish_erasure(log, asked)

        counted = LogPlace(log).count(asked)
        done = LogPlace(log).erase(asked)

        assert counted.left[DETECTIONS] == 1
        assert counted.left[topics.DEAD_LETTER] == 1
        assert done.erased.keys() == done.left.keys()
        for topic in done.left:  # nothing was lost, nothing was counted twice
            assert done.left[topic] + done.erased[topic] >= counted.left[topic]
        keep_ms = log.result_retention_ms
        assert at + keep_ms <= done.gone_at <= at + keep_ms + 10 * 24 * 60 * MINUTE
        assert camera_id not in {letter.camera_id for letter in read_dead_letters(log)}

    def test_where_all_records_before_are_erased_the_log_deletes_them(
        self, own_settings, camera_id, minute
    ):
        server = KafkaServer(own_settings)
        launch(server)
        try:
            create_topics(own_settings)
            asked = Erasure(camera_id, minute, minute + MINUTE, now())
            erased, kept = history(camera_id, minute)
            with closing(producer(own_settings, "test")) as kafka:
                for topic, record in (*erased, *kept, *erased):
                    value = json.dumps(record).encode()
                    kafka.send(topic, key=camera_id.encode(), value=value).get(30)
            publish_erasure(own_settings, asked)

            done = LogPlace(own_settings).erase(asked)

            assert (done.erased[DETECTIONS], done.left[DETECTIONS]) == (1, 1)
            # Nothing else stands in that topic's partition.
            assert (done.erased[NARRATIONS], done.left[NARRATIONS]) == (2, 0)
            left = [one.value for one in read_of_key(own_settings, DETECTIONS, camera_id)]
            assert [json.loads(value)["id"] for value in left] == [
                kept[0][1]["id"],
                erased[0][1]["id"],
            ]
            assert list(read_of_key(own_settings, NARRATIONS, camera_id)) == []
            again = LogPlace(own_settings).erase(asked)
            assert not any(again.erased.values())
        finally:
            halt(server)

    def test_commands_about_erased_alerts_are_taken_back(self, log, publish, camera_id, minute):
        asked = Erasure(camera_id, minute, minute + MINUTE, now())
        _, cleared = grown(camera_id, minute)
        publish(cleared)
        at = minute + 2_000
        alerts = [
            cleared[1]["id"],
            f"rule:{camera_id}_{compact(minute)}#0",
            f"rule:{camera_id}_{compact(minute + MINUTE)}#0",
        ]
        commands = [
            AlertCommand("acknowledge", camera_id, "ann", at, alert_id=name) for name in alerts
        ]
        commands += [
            AlertCommand("silence", camera_id, "ann", at, rule="over", until=at + 1),
            AlertCommand("silence", camera_id, "ann", at, rule="on", until=now() + 60 * MINUTE),
        ]
        for command in commands:
            publish_alert_command(log, command)
        place = AlertCommandsPlace(log, now)

        assert place.count(asked).erased == {"commands": 3}
        assert place.erase(asked).erased == {"commands": 3}

        known = known_alert_commands(log).by_key
        assert [command.key in known for command in commands] == [False, False, True, False, True]
        assert place.erase(asked).erased == {"commands": 0}


class TestCommand:
    """The whole system: serving jobs on a cluster, and the command in a process of its own."""

    @pytest.fixture(scope="class")
    def jobs(self, log, redis_server, elasticsearch_server, flink_cluster):  # noqa: ARG002
        """Yield what submits the serving jobs, anew each time it is called."""
        running = []

        def serve(*options):
            for job_id in running:
                requests.patch(f"{flink_cluster.flink}/jobs/{job_id}", timeout=10)
                url = f"{flink_cluster.flink}/jobs/{job_id}"
                assert eventually(
                    lambda url=url: requests.get(url, timeout=10).json()["state"] == "CANCELED"
                )
            running.clear()
            for job in JOBS:
                if job.name.startswith("serving"):
                    one = Job(job.name, job.script, (*job.arguments, *options), job.store)
                    running.append(submit(flink_cluster, one))

        yield serve
        for job_id in running:
            requests.patch(f"{flink_cluster.flink}/jobs/{job_id}", timeout=10)

    @pytest.mark.slow
    def test_killed_midway_it_holds_run_again_it_completes_and_a_rebuild_brings_nothing_back(
        self, jobs, log, publish, start, camera_id, minute, tmp_path
    ):
        jobs()
        erased, kept = history(camera_id, minute)
        run = f"try-{uuid.uuid4().hex[:8]}"
        of_replay, kept_of_replay = history(camera_id, minute, run)
        everything = [*kept, *erased, *grown(camera_id, minute), *of_replay, *kept_of_replay]
        publish(*everything)
        client, view = connect(log), RedisView(log)
        asked = Erasure(camera_id, minute, minute + MINUTE, 0)
        assert eventually(lambda: len(indexed(log, find_detections, camera_id)) == 2)
        assert eventually(lambda: len(indexed(log, find_detections, camera_id, run)) == 2)
        assert eventually(lambda: view.latest(camera_id) == erased[0][1])

        # Killed while it waits for the writers: it holds, though nothing is deleted yet.
        command = self.begin(start, asked)
        assert eventually(lambda: asked.key in known_erasures(log))
        kill(command)
        assert len(indexed(log, find_detections, camera_id)) == 2
        written = self.wait_until_obeyed(log, publish, camera_id, minute)

        # Killed among the stores.
        command = self.begin(start, asked)
        assert eventually(lambda: not RedisPlace(log).count(asked).erased[ALERTS])
        kill(command)

        done = self.begin(start, asked, "--receipt", str(tmp_path / "receipt.json"))
        output, errors = done.communicate(timeout=ERASE_S)
        assert done.returncode == 0, errors
        receipt = json.loads(output)
        assert receipt == json.loads((tmp_path / "receipt.json").read_bytes())
        assert receipt["complete"] is True
        assert camera_id in receipt["erasure"]["id"]
        assert not any(one["failure"] for one in receipt["places"])

        def is_right():
            found = {one["id"] for one in indexed(log, find_detections, camera_id)}
            return found == {kept[0][1]["id"], *written}

        assert is_right()
        assert [one["id"] for one in indexed(log, find_alerts, camera_id)] == [kept[2][1]["id"]]
        [replayed] = indexed(log, find_detections, camera_id, run)
        assert replayed["id"] == kept_of_replay[0][1]["id"]
        assert [one["id"] for one in view.alerts(camera_id)] == [kept[2][1]["id"]]

        # Both stores are lost, and built again from the log, which still holds all of it.
        raw = {json.loads(one.value)["id"] for one in read_of_key(log, DETECTIONS, camera_id)}
        assert erased[0][1]["id"] in raw
        client.options(ignore_status=404).indices.delete(index=names(client))
        with closing(connect_redis(log)) as redis:
            redis.flushall()
        jobs("--rebuild")

        assert eventually(is_right)
        assert eventually(
            lambda: (
                [one["id"] for one in indexed(log, find_alerts, camera_id)] == [kept[2][1]["id"]]
            )
        )
        assert eventually(
            lambda: [one["id"] for one in view.alerts(camera_id)] == [kept[2][1]["id"]]
        )
        assert eventually(lambda: len(indexed(log, find_detections, camera_id, run)) == 1)
        for place in (ElasticsearchPlace(log), RedisPlace(log)):
            assert not any(place.count(asked).erased.values())
        client.close()
        view.close()

    def test_an_export_hands_out_what_would_be_erased(
        self, elasticsearch_server, log, publish, start, camera_id, minute, tmp_path
    ):
        erased, kept = history(camera_id, minute)
        with closing(BatchWriter(ElasticsearchStore(elasticsearch_server))) as writer:
            writer.write([message(*one) for one in (*erased, *kept)])
        publish((topics.DEAD_LETTER, b"x"), key=camera_id)
        indexed(log, find_detections, camera_id)
        asked = Erasure(camera_id, minute, minute + MINUTE, now())
        output = tmp_path / "out.zip"

        command = start("export", *span(asked), "--output", str(output), "--json")
        printed, errors = command.communicate(timeout=ERASE_S)

        assert command.returncode == 0, errors
        manifest = json.loads(printed)
        numbers = {one["file"]: one["records"] for one in manifest["files"]}
        assert numbers.keys() >= {f"{part.name}.jsonl" for part in parts(log, asked)}
        found = ElasticsearchPlace(log).count(asked).erased
        assert {topic: numbers[f"{topic}.jsonl"] for topic in topics.SERVED} == found
        assert found[DETECTIONS] == 1
        with zipfile.ZipFile(output) as file:
            [line] = file.read("detections.jsonl").splitlines()
        assert json.loads(line) == erased[0][1]

    def wait_until_obeyed(self, log, publish, camera_id, minute):
        """Wait until the writer leaves out what is erased; return the ids of what it has written.

        What is published is one erased record and one behind it, in one partition: once the second
        one is found, the first one was written or left out.
        """
        written = set()

        def is_obeyed():
            number = len(written) + 1
            erased, kept = (
                detection_record(camera_id=camera_id, captured_at=at + number)
                for at in (minute, minute + MINUTE)
            )
            publish((DETECTIONS, erased), (DETECTIONS, kept))
            written.add(kept["id"])
            assert eventually(lambda: kept in indexed(log, find_detections, camera_id))
            return erased not in indexed(log, find_detections, camera_id)

        assert eventually(is_obeyed)
        return written

    def begin(self, start, asked, *options):
        return start(
            "erase", *span(asked), "--yes", "--json", *options,
            PYCTURESTREAM_STORE_TIMEOUT_MS="4000",
        )  # fmt: skip


def span(asked):
    return ("--camera", asked.camera_id, "--since", rfc3339(asked.since), "--until",
            rfc3339(asked.until))  # fmt: skip


def names(client):
    """Return the names of all indices of results."""
    return [
        name
        for topic in topics.RESULTS
        for name in client.indices.get(index=f"{topic}-*", features="aliases")
    ]


def kill(process):
    """End a process at once, as a power cut would."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    process.communicate()
