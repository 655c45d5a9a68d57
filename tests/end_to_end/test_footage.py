"""Real footage in; what a person sees in it comes out of Redis and Elasticsearch."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from http import HTTPStatus

import cv2
import numpy as np
import pytest
import redis
import requests
from elasticsearch import ApiError
from jsonschema import Draft202012Validator

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.results import decode_result
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import RESULTS
from pycturestream.dashboards.dashboard import dashboards, panels
from pycturestream.log.reader import read_to_end
from pycturestream.stores.elasticsearch import connect
from tests.end_to_end.conftest import SAMPLES, command, eventually
from tests.results import results

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


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
    def run(self, system: Settings) -> dict[str, int]:
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
            "2026-07-01T12:00:00Z",
        )
        published = report["published"] + publish_broken(system)
        command("replay", "--run", "first")
        command("replay", "--run", "second")
        eventually(
            lambda: (
                accounts(system, "second").get("received") == published
                and indexed(system, "detections-second") == report["published"]
                and indexed(system, "detections-first") == report["published"]
            )
        )
        return {"published": published, "pictures": report["published"]}

    def test_the_accounts_balance_exactly(self, system: Settings, run: dict[str, int]):
        sums = accounts(system, "first")
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

    def test_counts_have_every_minute_and_zeros(self):
        counts = command("counts", "--run", "first", "--camera", "plaza", "--label", "person")
        assert [record["window_start"] for record in counts] == ["2026-07-01T12:00:00.000Z"]
        assert counts[0]["frames"] == 113
        assert counts[0]["max"] >= 6
        assert 8 <= counts[0]["unique"] <= 40

    def test_the_same_history_gives_the_same_results(self, system: Settings):
        assert results(system, "first") == results(system, "second")
        assert len(results(system, "first")) > 120

    def test_every_record_keeps_to_its_contract(self, system: Settings):
        for topic in RESULTS:
            validator = Draft202012Validator(
                schema(topic), format_checker=Draft202012Validator.FORMAT_CHECKER
            )
            for message in read_to_end(system, topic):
                validator.validate(json.loads(message.value))

    def test_redis_holds_nothing_of_a_replay(self, system: Settings):
        with redis.Redis.from_url(system.redis) as store:
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
    from kafka import KafkaProducer  # noqa: PLC0415 - only here

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
    def run(self, system: Settings) -> dict[str, int]:
        """Let the sample cameras run until each was seen, then stop them as Ctrl-C would."""
        cameras = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pycturestream.cli.main",
                "run",
                str(SAMPLES / "cameras.yaml"),
                "--quiet",
                "--json",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            with redis.Redis.from_url(system.redis) as store:
                eventually(lambda: store.zcard("cameras") >= 3)
                eventually(lambda: indexed(system, "alerts") and indexed(system, "narrations"))
        finally:
            cameras.send_signal(signal.SIGINT)
            output, _ = cameras.communicate(timeout=30)
        assert cameras.returncode == 0
        return {
            report["camera_id"]: report["published"]
            for report in map(json.loads, output.splitlines())
        }

    def test_the_accounts_balance_exactly(self, system: Settings, run: dict[str, int]):
        """Time goes on although the pictures stopped: the last window is emitted."""
        assert set(run) == {"plaza", "gate", "street"}
        eventually(lambda: accounts(system, "live").get("received") == sum(run.values()))
        sums = accounts(system, "live")
        assert sums["received"] == sums["processed"] + sums["dropped"] + sums["dead_letters"]
        assert sums["dead_letters"] == 0
        assert indexed(system, "detections") == sums["processed"]

    def test_the_newest_of_each_camera_is_in_redis(self, run: dict[str, int]):
        for camera in run:
            (latest,) = command("latest", camera)
            (newest, *_) = command("find", "--camera", camera, "--limit", "1")
            assert latest["id"] == newest["id"]

    def test_silent_cameras_go_offline_their_windows_close_and_their_alerts_clear(
        self, system: Settings, run: dict[str, int]
    ):
        def offline() -> set[str]:
            events = map(json.loads, (m.value for m in read_to_end(system, "camera-events")))
            return {
                event["camera_id"]
                for event in events
                if event["run"] == "live" and event["event"] == "offline"
            }

        eventually(lambda: offline() == set(run))
        eventually(lambda: not command("alerts", "--open"))
        counted = eventually(lambda: command("counts", "--label", "person"))
        assert {record["camera_id"] for record in counted} <= set(run)

    def test_narrations_are_sentences(self):
        assert all(record["text"].endswith(".") for record in command("narrations"))

    def test_flink_exports_every_metric_that_a_panel_queries(self, system: Settings):
        targets = [t for d in dashboards() for panel in panels(d) for t in panel.targets]
        queried = {
            name
            for target in targets
            for name in re.findall(r"\bflink_\w+", target.get("expr", ""))
            # No sample camera looks for faces, and no test machine needs a GPU.
            if "faces_ms" not in name and "gpu_memory" not in name
        }
        ports = (system.ports.jobmanager_metrics, system.ports.taskmanager_metrics)

        def exported() -> str:
            return "".join(
                requests.get(f"http://{system.host}:{port}/metrics", timeout=10).text
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
