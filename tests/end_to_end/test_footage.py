"""Real footage in; what a person sees in it comes out of Redis and Elasticsearch."""

import json
import re
from collections import Counter
from contextlib import closing, suppress
from http import HTTPStatus

import cv2
import numpy as np
import pytest
import redis
import requests
from elasticsearch import ApiError
from jsonschema import Draft202012Validator
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.results import decode_result
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import FRAMES, RESULTS
from pycturestream.dashboards.dashboard import dashboards, panels
from pycturestream.domain.times import parse_rfc3339
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.stack import SampleCameras
from pycturestream.log.reader import read_to_end
from pycturestream.stores.elasticsearch import connect
from tests.end_to_end.conftest import CAMERAS, SAMPLES, WINDOW_MS, command, eventually
from tests.results import results

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

START = "2026-07-01T12:00:00Z"


def accounts(settings: Settings, run: str) -> dict[str, int]:
    """Return the sums over the newest revision of each accounting window."""
    windows = {}
    for message in read_to_end(settings, "camera-events"):
        with suppress(CodecError):  # whatever others wrote there
            record = decode_result("camera-events", message.value)
            if record["event"] == "frames" and record["run"] == run:
                windows[record["id"]] = record["frames"]
    sums: Counter[str] = Counter()
    for window in windows.values():
        sums["received"] += window["received"]
        sums["processed"] += window["processed"]
        sums["dropped"] += sum(window["dropped"].values())
        sums["dead_letters"] += sum(window["dead_letters"].values())
    return dict(sums)


def published(settings: Settings) -> int:
    """Return how many records the topic of live frames was given."""
    with closing(KafkaConsumer(bootstrap_servers=settings.kafka)) as consumer:
        partitions = [
            TopicPartition(FRAMES, number) for number in consumer.partitions_for_topic(FRAMES)
        ]
        return sum(consumer.end_offsets(partitions).values())


def seen_at(settings: Settings, camera_id: str) -> int:
    """Return when the newest picture of a camera in Redis was taken; 0 if there is none."""
    with redis.Redis.from_url(settings.redis) as store:
        latest = store.get(f"camera:{camera_id}:latest")
    return parse_rfc3339(json.loads(latest)["captured_at"]) if latest else 0


def indexed(settings: Settings, alias: str) -> int:
    with connect(settings) as client:
        client.indices.refresh(index=alias, ignore_unavailable=True)
        try:
            return int(client.count(index=alias, ignore_unavailable=True)["count"])
        except ApiError as error:
            if error.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return 0  # an index that was just made has no shard yet


class TestReplay:
    @pytest.fixture(scope="class", autouse=True)
    def run(self, shared_system: Settings) -> dict[str, int]:
        """Publish a clip and three broken records as history, and replay them twice."""
        (report,) = command(
            "publish",
            str(SAMPLES / "plaza.mp4"),
            "--camera",
            "plaza",
            "--mode",
            "replay",
            "--fps",
            "2",
            "--start",
            START,
        )
        published = report["published"] + publish_broken(shared_system)
        command("replay", "--run", "first")
        command("replay", "--run", "second")
        eventually(
            lambda: (
                accounts(shared_system, "second").get("received") == published
                and indexed(shared_system, "detections-second") == report["published"]
                and indexed(shared_system, "detections-first") == report["published"]
            )
        )
        return {"published": published, "pictures": report["published"]}

    def test_the_accounts_balance_exactly(self, shared_system: Settings, run: dict[str, int]):
        sums = accounts(shared_system, "first")
        assert sums["received"] == run["published"]
        assert sums["processed"] == run["pictures"]
        assert sums["dead_letters"] == 3
        assert sums["dropped"] == 0

    def test_the_people_on_the_plaza_are_found(self):
        found = command("find", "--run", "first", "--label", "person", "--limit", "500")
        people = [
            next(c["count"] for c in record["label_counts"] if c["label"] == "person")
            for record in found
        ]
        assert len(found) > 100
        assert 4 <= sum(people) / len(people) <= 8  # a person counts 4 to 8 in this clip

    def test_counts_have_every_window(self):
        counts = command("counts", "--run", "first", "--camera", "plaza", "--label", "person")
        starts = sorted(parse_rfc3339(record["window_start"]) for record in counts)
        assert starts == [parse_rfc3339(START) + n * WINDOW_MS for n in range(6)]
        assert sum(record["frames"] for record in counts) == 113
        assert max(record["max"] for record in counts) >= 6
        assert 8 <= sum(record["new"] for record in counts) <= 40

    def test_the_same_history_gives_the_same_results(self, shared_system: Settings):
        assert results(shared_system, "first") == results(shared_system, "second")
        assert len(results(shared_system, "first")) > 120

    def test_every_record_keeps_to_its_contract(self, shared_system: Settings):
        for topic in RESULTS:
            validator = Draft202012Validator(
                schema(topic), format_checker=Draft202012Validator.FORMAT_CHECKER
            )
            for message in read_to_end(shared_system, topic):
                validator.validate(json.loads(message.value))

    def test_redis_holds_nothing_of_a_replay(self, shared_system: Settings):
        with redis.Redis.from_url(shared_system.redis) as store:
            latest = store.get("camera:plaza:latest")
        assert latest is None or json.loads(latest)["run"] == "live"

    def test_rejected_records_are_kept_with_their_reason(self):
        letters = command("dead-letters", "--limit", "100")
        reasons = {letter["reason"] for letter in letters}
        assert reasons >= {"not-an-image", "bad-timestamp", "bad-camera-id"}

    def test_pictures_are_fetched_from_the_log(self, tmp_path):
        found = command(
            "find",
            "--run",
            "first",
            "--min-count",
            "5",
            "--label",
            "person",
            "--limit",
            "3",
            "--save",
            str(tmp_path),
        )
        saved = sorted(path.stem for path in tmp_path.iterdir())
        assert saved == sorted(record["frame_id"] for record in found)
        for path in tmp_path.iterdir():
            assert cv2.imread(str(path)).shape == (576, 768, 3)

    def test_a_picture_is_annotated(self, tmp_path):
        [found] = command("find", "--run", "first", "--label", "person", "--limit", "1")
        file = tmp_path / "annotated.jpg"
        [written] = command("annotate", found["frame_id"], "--run", "first", "--output", str(file))
        assert written["frame_id"] == found["frame_id"]
        assert cv2.imread(str(file)).shape == (576, 768, 3)


def publish_broken(settings: Settings) -> int:
    """Publish three records that are no usable frames; return how many."""
    picture = cv2.imencode(".jpg", np.zeros((100, 200, 3), np.uint8))[1].tobytes()
    headers = [("captured_at", b"1782907200000")]
    producer = KafkaProducer(bootstrap_servers=settings.kafka)
    for key, value, fields in (
        (b"plaza", b"this is no picture", headers),
        (b"plaza", picture, [("captured_at", b"noon")]),
        (b"no/camera", picture, headers),
    ):
        producer.send("frames.replay", key=key, value=value, headers=fields).get(10)
    producer.close()
    return 3


class TestLive:
    @pytest.fixture(scope="class", autouse=True)
    def cameras(self, shared_system: Settings) -> None:
        """Let the sample cameras run until each was seen, then stop them.

        They may have run before, for tests of the pages.
        """
        began, told = now(), indexed(shared_system, "narrations")
        launch(SampleCameras(shared_system))
        try:
            eventually(lambda: all(seen_at(shared_system, each) > began for each in CAMERAS))
            eventually(lambda: indexed(shared_system, "alerts"))
            eventually(lambda: indexed(shared_system, "narrations") > told)
        finally:
            halt(SampleCameras(shared_system))

    def test_the_accounts_balance_exactly(self, shared_system: Settings):
        """Time goes on although the pictures stopped: the last window is emitted."""
        sent = published(shared_system)
        eventually(lambda: accounts(shared_system, "live").get("received") == sent)
        sums = accounts(shared_system, "live")
        assert sums["received"] == sums["processed"] + sums["dropped"] + sums["dead_letters"]
        assert sums["dead_letters"] == 0
        assert indexed(shared_system, "detections") == sums["processed"]

    def test_the_newest_of_each_camera_is_in_redis(self):
        for camera in CAMERAS:
            (latest,) = command("latest", camera)
            (newest, *_) = command("find", "--camera", camera, "--limit", "1")
            assert latest["id"] == newest["id"]

    def test_silent_cameras_go_offline_their_windows_close_and_their_alerts_clear(
        self, shared_system: Settings
    ):
        def offline() -> set[str]:
            """Return the cameras whose last event of the two says so."""
            newest = {}
            for message in read_to_end(shared_system, "camera-events"):
                event = json.loads(message.value)
                if event["run"] == "live" and event["event"] in {"online", "offline"}:
                    newest[event["camera_id"]] = event["event"]
            return {camera_id for camera_id, event in newest.items() if event == "offline"}

        eventually(lambda: offline() == set(CAMERAS))
        eventually(lambda: not command("alerts", "--open"))
        counted = eventually(lambda: command("counts", "--label", "person"))
        assert {record["camera_id"] for record in counted} <= set(CAMERAS)

    def test_narrations_are_sentences(self):
        assert all(record["text"].endswith(".") for record in command("narrations"))

    def test_flink_exports_every_metric_that_a_panel_queries(self, shared_system: Settings):
        targets = [t for d in dashboards() for panel in panels(d) for t in panel.targets]
        queried = {
            name
            for target in targets
            for name in re.findall(r"\bflink_\w+", target.get("expr", ""))
            # No sample camera looks for faces, and no test machine needs a GPU.
            if "faces_ms" not in name and "gpu_memory" not in name
        }
        ports = (shared_system.ports.jobmanager_metrics, shared_system.ports.taskmanager_metrics)

        def exported() -> str:
            return "".join(
                requests.get(f"http://{shared_system.host}:{port}/metrics", timeout=10).text
                for port in ports
            )

        assert len(queried) > 10
        missing = set(queried)

        def none_is_missing() -> bool:
            missing.difference_update(re.findall(r"^flink_\w+", exported(), re.MULTILINE))
            return not missing

        assert eventually(none_is_missing), missing
        # As the queries name them, with the characters that Flink would replace by default.
        buckets = re.findall(
            r"^flink_\w+_le_capture_to_store_ms_bucket\{(.*)\} (\S+)", exported(), re.MULTILINE
        )
        counted = {
            job: float(value)
            for labels, value in buckets
            for job in re.findall(r'job_name="([^"]+)"', labels)
            if 'le="+Inf"' in labels
        }
        assert set(counted) == {"serving-redis", "serving-elasticsearch"}
        assert all(value > 0 for value in counted.values())
