"""The system recovers from every failure, and keeps its promises across it.

One system runs through all of them; each test has its own cameras.
"""

import gc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from pycturestream.application.jobs import submit
from pycturestream.application.stack import start_stack
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Frame, frame_id
from pycturestream.domain.times import parse_rfc3339
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer
from pycturestream.localstack.job_states import ENDED, cancel, state_of
from pycturestream.localstack.jobs import Job, replay_job
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.redis import RedisServer
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.reader import read_to_end
from pycturestream.stores.redis_view import RedisView
from tests.end_to_end.conftest import SAMPLES, command, eventually
from tests.recovery.fragile_model import HANGS, NAME, RAISES, make_fragile_model
from tests.recovery.history import forget_history, publish_history
from tests.recovery.killing import kill_detection_worker, kill_detector, kill_server
from tests.recovery.records import accounts, indexed, logged, published
from tests.recovery.savepoint import stop_with_savepoint
from tests.recovery.still_cameras import NOBODY_HERE, OBJECT_COUNT, PEOPLE, PERSON_COUNT
from tests.recovery.stories import Story, running, through_a_crash, through_an_outage
from tests.results import results

pytestmark = [pytest.mark.recovery, pytest.mark.slow, pytest.mark.timeout(600)]

NOON = 1_795_262_400_000
"""2026-11-21T12:00:00Z."""
CHANGED_JOB = Job("detection", Path(__file__).parent.parent / "jobs" / "changed_detection.py")


class NothingIsLost:
    """Promises of every story."""

    def test_frame_accounts_balance_exactly(self, system: Settings, stories: list[Story]):
        for story in stories:
            assert story.accounts.balance
            assert story.accounts.received == published(system, story.camera_id)
            assert story.accounts.received >= story.acknowledged
            assert not story.accounts.dead_letters

    def test_each_processed_frame_has_one_record_in_the_index(
        self, system: Settings, stories: list[Story]
    ):
        for story in stories:
            ids = {r["id"] for r in logged(system, topics.DETECTIONS, story.camera_id)}
            assert len(ids) == story.accounts.processed
            assert sorted(ids) == eventually(
                lambda story=story, ids=ids: (
                    len(found := sorted(indexed(system, story.camera_id))) >= len(ids) and found
                )
            )


class NothingIsForgotten(NothingIsLost):
    """And promises of every story in which frames kept coming."""

    def test_stationary_objects_keep_their_tracks(self, system: Settings, stories: list[Story]):
        steady = stories[0]
        assert len(steady.before.tracks) == OBJECT_COUNT
        assert steady.before.tracks == {
            item["track_id"]
            for record in logged(system, topics.DETECTIONS, steady.camera_id)
            if parse_rfc3339(record["captured_at"]) >= steady.before.at
            for item in record["objects"]
        }

    def test_what_was_reported_is_not_reported_again(self, system: Settings, stories: list[Story]):
        for story in stories:
            assert len(story.before.alerts) == 1
            alerts = logged(system, topics.ALERTS, story.camera_id)
            assert story.before.alerts == {alert["id"] for alert in alerts}
            assert {alert["count"] for alert in alerts} == {PERSON_COUNT}


class Crash(NothingIsForgotten):
    """And promises of those in which a process was killed."""

    def test_alerts_clear_when_the_scene_is_empty_and_not_before(
        self, system: Settings, stories: list[Story]
    ):
        for story in stories:
            cleared = {
                alert["id"]: alert
                for alert in logged(system, topics.ALERTS, story.camera_id)
                if alert["state"] == "cleared"
            }
            assert cleared.keys() == story.before.alerts
            for alert in cleared.values():
                assert parse_rfc3339(alert["cleared_at"]) > story.over_at


class TestTaskManagerKilled(Crash):
    """In the middle of a replay, beside live cameras."""

    PICTURES = 226
    """All of the clip at four a second: enough for a checkpoint on the way."""

    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> list[Story]:
        publish_cameras([Camera("film", rules=(NOBODY_HERE,), warm_up_ms=0)], system, SystemClock())
        forget_history(system)
        clip = [str(SAMPLES / "plaza.mp4"), "--start", "2026-07-01T12:00:00Z"]
        command("publish", *clip, "--fps", "4", "--camera", "film", "--mode", "replay")
        command("replay", "--run", "undisturbed")

        def begin_replay() -> None:
            submit(system, replay_job("disturbed"))
            eventually(lambda: running(system, "replay-disturbed").last_checkpoint_at)

        def kill() -> None:
            kill_server(TaskManagerServer(system))
            done = logged(system, topics.DETECTIONS, "film", "disturbed")
            assert 0 < len(done) < self.PICTURES

        return through_a_crash(system, "task-manager", kill, begin_replay)

    @pytest.mark.usefixtures("stories")
    def test_the_replay_gives_what_an_undisturbed_one_gives(self, system: Settings):
        def reported() -> bool:
            return accounts(system, "film", "disturbed").received == self.PICTURES

        eventually(reported)
        assert results(system, "disturbed") == results(system, "undisturbed")

    @pytest.mark.usefixtures("stories")
    def test_the_replay_has_one_record_of_each_frame_in_the_index(self, system: Settings):
        eventually(lambda: len(indexed(system, "film", "disturbed")) >= self.PICTURES)
        found = indexed(system, "film", "disturbed")
        assert len(found) == len(set(found)) == self.PICTURES


class TestJobManagerKilled(Crash):
    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> list[Story]:
        return through_a_crash(system, "job-manager", lambda: kill_server(JobManagerServer(system)))


class TestPythonWorkerKilled(Crash):
    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> list[Story]:
        return through_a_crash(system, "python-worker", lambda: kill_detection_worker(system))


class TestDetectorKilled(Crash):
    @pytest.fixture(scope="class")
    def running_since(self, system: Settings) -> int:
        return self.started_at(system)

    @pytest.fixture(scope="class")
    def stories(self, system: Settings, running_since: int) -> list[Story]:  # noqa: ARG002
        return through_a_crash(system, "detector", lambda: kill_detector(system))

    @pytest.mark.usefixtures("stories")
    def test_the_job_runs_on(self, system: Settings, running_since: int):
        assert self.started_at(system) == running_since

    @staticmethod
    def started_at(system: Settings) -> int:
        """Return since when the job runs; Flink's count of restarts lags behind."""
        job = running(system, "detection")
        details = requests.get(f"{system.flink}/jobs/{job.id}", timeout=10).json()
        return details["timestamps"]["RUNNING"]


class TestKafkaAway(NothingIsLost):
    """Without the log, a camera can't be distinguished from a silent one: alerts may end."""

    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> list[Story]:
        def results_can_be_read(camera_id: str, _away_from: int) -> bool:
            return bool(RedisView(system).latest(camera_id) and indexed(system, camera_id))

        story = through_an_outage(system, KafkaServer(system), results_can_be_read)
        gc.collect()  # sockets that the client leaks without a broker, while that is no error
        return [story]

    def test_the_next_result_is_of_now(self, system: Settings, stories: list[Story]):
        (story,) = stories
        records = logged(system, topics.DETECTIONS, story.camera_id)
        arrived = (r for r in records if parse_rfc3339(r["received_at"]) >= story.over_at)
        captured_at = parse_rfc3339(next(arrived)["captured_at"])
        assert captured_at >= story.over_at - system.stale_after_ms


class TestRedisAway(NothingIsForgotten):
    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> list[Story]:
        def index_grows(camera_id: str, away_from: int) -> bool:
            return max(indexed(system, camera_id), default="") > frame_id(camera_id, away_from)

        return [through_an_outage(system, RedisServer(system), index_grows)]


class TestElasticsearchAway(NothingIsForgotten):
    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> list[Story]:
        def latest_is_of_now(camera_id: str, away_from: int) -> bool:
            latest = RedisView(system).latest(camera_id)
            return parse_rfc3339(latest["captured_at"]) > away_from

        return [through_an_outage(system, ElasticsearchServer(system), latest_is_of_now)]


class TestModelFails:
    """On one picture of a replay it raises, on another it hangs."""

    PICTURES = 12
    RAISING, HANGING = 4, 8

    @pytest.fixture(scope="class", autouse=True)
    def run(self, system: Settings) -> None:
        models = system.data_folder / "models"  # where servers of another user can read them
        models.mkdir()
        make_fragile_model(models)
        bad = {self.RAISING: RAISES, self.HANGING: HANGS}
        frames = [
            Frame("bad-pictures", NOON + 500 * n, bad.get(n, PEOPLE), "replay")
            for n in range(self.PICTURES)
        ]
        publish_history(system, frames)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PYCTURESTREAM_MODEL", NAME)
            environment.setenv("PYCTURESTREAM_MODEL_FOLDER", str(models))
            environment.setenv("PYCTURESTREAM_DETECTION_TIMEOUT_MS", "5000")
            command("replay", "--run", "fragile")

    def test_those_two_pictures_are_dead_letters_with_the_reason(self, system: Settings):
        reported = accounts(system, "bad-pictures", "fragile")
        assert reported.balance
        assert reported.received == self.PICTURES
        assert reported.dead_letters == {"detector-failed": 2}
        letters = read_to_end(system, topics.DEAD_LETTER)
        kept = [letter.value for letter in letters if letter.key == b"bad-pictures"]
        assert sorted(kept) == sorted([RAISES, HANGS])

    def test_their_neighbours_are_processed_as_usual(self, system: Settings):
        records = logged(system, topics.DETECTIONS, "bad-pictures", "fragile")
        assert len({record["id"] for record in records}) == self.PICTURES - 2
        assert all(len(record["objects"]) == OBJECT_COUNT for record in records)

    def test_tracks_continue_across_them(self, system: Settings):
        records = logged(system, topics.DETECTIONS, "bad-pictures", "fragile")
        tracks = [{item["track_id"] for item in record["objects"]} for record in records]
        assert all(before == after for before, after in pairwise(tracks))


class TestChangedCode(Crash):
    """Stopped with a savepoint, and started again as another release."""

    @pytest.fixture(scope="class")
    def stories(self, system: Settings) -> Iterator[list[Story]]:
        def change() -> None:
            savepoint = stop_with_savepoint(system, running(system, "detection"))
            submit(system, CHANGED_JOB, checkpoint=savepoint)

        try:
            yield through_a_crash(system, "changed-code", change)
        finally:  # back to the release that the other tests are about
            job = running(system, "detection")
            cancel(system, job.id)
            eventually(lambda: state_of(system, job.id) in ENDED)
            start_stack(system)

    def test_the_changed_code_ran_and_kept_its_own_state(
        self, system: Settings, stories: list[Story]
    ):
        for story in stories:
            records = logged(system, topics.DETECTIONS, story.camera_id)
            reported = [int(r["site"].removeprefix("event ")) for r in records if r["site"]]
            assert reported == sorted(reported)
            assert reported[0] < reported[-1]
