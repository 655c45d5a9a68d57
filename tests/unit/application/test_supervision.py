"""What ends is started again, with growing pauses while it keeps ending."""

import os
import sys
from threading import Event, Thread
from types import SimpleNamespace

import pytest
import requests

from pycturestream.application import supervision
from pycturestream.application.supervision import STABLE_MS, Revival, supervise
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.errors import PyctureStreamError
from pycturestream.localstack import processes
from pycturestream.localstack.jobs import JOBS
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.outages import Outage, OutageBoard, read_outages
from pycturestream.localstack.server import Server
from pycturestream.localstack.submit import JobError
from tests.waiting import eventually


class TestClock:
    """Passes time by sleeping alone, and stops after so many sleeps."""

    __test__ = False

    def __init__(self, sleeps=100):
        self.at = 1_000_000
        self.off = 0
        """How far the time of day is set ahead."""
        self.slept = []
        self._sleeps = sleeps

    def now(self):
        return Millis(self.at + self.off)

    def seconds(self):
        return self.at / 1000

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += round(seconds * 1000)

    @property
    def stopped(self):
        return len(self.slept) >= self._sleeps


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "run").mkdir()
    return Settings(data_folder=tmp_path, port_offset=49_000)


@pytest.fixture
def board(settings):
    return OutageBoard(settings)


def failing(times):
    """Return a start that fails so often and then succeeds."""
    failures = [PyctureStreamError(f"failure {number + 1}") for number in range(times)]

    def start():
        if failures:
            raise failures.pop(0)

    return start


def test_the_first_start_follows_at_once(board, settings):
    clock = TestClock()
    Revival("kafka", failing(0), board, clock).run()
    assert clock.slept == []
    [outage] = read_outages(settings)
    assert (outage.doing, outage.ended) == ("running", 1)
    assert not board.is_down("kafka")


def test_pauses_grow_up_to_a_minute_while_it_keeps_failing(board):
    clock = TestClock()
    Revival("kafka", failing(9), board, clock).run()
    assert clock.slept == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_server_that_starts_and_ends_again_is_a_crash_loop_too(board):
    clock = TestClock()
    revival = Revival("kafka", failing(0), board, clock)
    for _ in range(4):
        revival.run()
        clock.at += 5_000  # it runs for five seconds
        revival.has_recovered()
    assert clock.slept == [1, 2, 4]


def test_what_has_run_for_a_while_has_recovered(board, settings):
    clock = TestClock()
    revival = Revival("kafka", failing(3), board, clock)
    revival.run()
    clock.at += STABLE_MS
    revival.has_recovered()
    assert read_outages(settings) == []
    clock.slept.clear()
    revival.run()
    assert clock.slept == []


@pytest.mark.parametrize("step", [-86_400_000, 86_400_000])
def test_a_clock_that_is_set_neither_stretches_an_outage_nor_ends_it(board, step):
    clock = TestClock()
    revival = Revival("kafka", failing(3), board, clock)
    revival.run()
    clock.off += step

    ends = []
    for _ in range(2):
        clock.at += STABLE_MS // 2
        revival.has_recovered()
        ends.append(revival._ended)
    assert ends == [4, 0]


def test_while_it_waits_it_says_what_is_down_why_and_what_happens_next(board, settings):
    seen = []
    clock = TestClock()
    sleep = clock.sleep

    def look(seconds):
        seen.extend(outage.sentence(clock.now()) for outage in read_outages(settings))
        sleep(seconds)

    clock.sleep = look
    Revival("kafka", failing(2), board, clock).run()
    assert seen == [
        "kafka: down for 0 s, ended 2 times; starts in 1 s: failure 1",
        "kafka: down for 1 s, ended 3 times; starts in 2 s: failure 2",
    ]


def test_nothing_is_started_once_it_shall_end(board):
    clock = TestClock(sleeps=1)
    started = []

    def start():
        started.append(True)
        raise PyctureStreamError("port taken")

    Revival("kafka", start, board, clock).run()
    assert len(started) == 1


@pytest.mark.parametrize(
    ("outage", "sentence"),
    [
        (
            Outage("redis", Millis(0), 1, "starting", Millis(0)),
            "redis: down for 3 s; is being started",
        ),
        (
            Outage("redis", Millis(0), 1, "running", Millis(1_000)),
            "redis: ended and was started again 2 s ago",
        ),
        (
            Outage("redis", Millis(0), 5, "running", Millis(1_000)),
            "redis: ended and was started again 2 s ago, ended 5 times",
        ),
    ],
)
def test_an_outage_is_one_sentence(outage, sentence):
    assert outage.sentence(Millis(3_000)) == sentence


class Sleeper(Server):
    """A server that only runs."""

    name = "sleeper"

    @property
    def ports(self):
        return {}

    def prepare(self):
        pass

    def command(self):
        return [sys.executable, "-c", "import time; time.sleep(600)"]

    def is_ready(self):
        return True


@pytest.fixture
def sleeper(settings):
    """A server that runs and is supervised; both end with the test."""
    server, stop = Sleeper(settings), Event()
    launch(server)
    thread = Thread(target=supervise, args=(settings, [server], SystemClock(stop), stop))
    thread.start()
    yield server
    stop.set()
    thread.join()
    halt(server)


def pid_of(server):
    record = processes.read_process_record(server.settings.data_folder.resolve(), server.name)
    process = record and processes.leader(record)
    return process and process.pid


def test_a_server_that_is_killed_is_started_again(sleeper):
    killed = processes.leader(
        processes.read_process_record(sleeper.settings.data_folder.resolve(), sleeper.name)
    )
    killed.kill()
    assert eventually(lambda: pid_of(sleeper) not in {None, killed.pid})


def test_a_server_that_was_stopped_stays_stopped(sleeper, monkeypatch):
    halt(sleeper)
    looked = []
    monkeypatch.setattr(supervision, "has_ended", lambda *_: looked.append(1))
    assert eventually(lambda: len(looked) > 2)
    assert pid_of(sleeper) is None


@pytest.fixture
def wanted(settings):
    """A server that is supervised, and whether it is wanted."""
    server, stop, wanted = Sleeper(settings), Event(), SimpleNamespace(now=None, server=None)
    wanted.server = server
    at_times = [(server, lambda: wanted.now)]
    thread = Thread(target=supervise, args=(settings, [], SystemClock(stop), stop, at_times))
    thread.start()
    yield wanted
    stop.set()
    thread.join()
    halt(server)


def test_a_server_runs_while_it_is_wanted(wanted):
    wanted.now = True
    assert eventually(lambda: pid_of(wanted.server))

    wanted.now = False
    assert eventually(lambda: pid_of(wanted.server) is None)

    wanted.now = True
    assert eventually(lambda: pid_of(wanted.server))


def test_a_wanted_server_that_is_killed_is_started_again(wanted):
    wanted.now = True
    assert eventually(lambda: pid_of(wanted.server))
    folder = wanted.server.settings.data_folder.resolve()
    killed = processes.leader(processes.read_process_record(folder, wanted.server.name))

    killed.kill()

    assert eventually(lambda: pid_of(wanted.server) not in {None, killed.pid})


def test_while_it_is_not_known_whether_it_is_wanted_nothing_changes(settings, monkeypatch):
    asked = []

    def is_wanted():
        asked.append(1)
        return None if len(asked) < 4 else True

    launched = []
    monkeypatch.setattr(supervision, "_launch", lambda *_: launched.append(len(asked)))
    monkeypatch.setattr(supervision, "halt", lambda *_: pytest.fail("nothing runs"))
    clock = TestClock(sleeps=4)

    supervision._run_wanted(Sleeper(settings), is_wanted, OutageBoard(settings), clock, Event())

    assert launched == [4]


@pytest.fixture
def flink(monkeypatch):
    """What a job manager answers, which a test may change, and the jobs that were submitted."""

    cluster = SimpleNamespace(
        known={job.name: "RUNNING" for job in JOBS}, submitted=[], clients=0, errors=[]
    )

    def newest_states(_settings):
        if cluster.known is None:
            raise requests.ConnectionError
        return cluster.known

    class Client:
        def __init__(self, _settings):
            cluster.clients += 1

        def submit(self, job):
            if cluster.errors:
                raise JobError(cluster.errors.pop())
            cluster.submitted.append(job.name)
            cluster.known = {**cluster.known, job.name: "RUNNING"}

        def close(self):
            cluster.clients -= 1

    monkeypatch.setattr(supervision, "newest_states", newest_states)
    monkeypatch.setattr(supervision, "WaitingClient", Client)
    return cluster


@pytest.fixture
def guard(settings, board, flink):  # noqa: ARG001
    return supervision._JobGuard(settings, board, TestClock())


def test_jobs_that_run_are_left_alone(guard, flink):
    guard.look()
    assert flink.submitted == []


def test_a_job_manager_that_came_back_empty_gets_its_jobs(guard, flink):
    guard.look()
    flink.known = {}
    guard.look()
    assert flink.submitted == [job.name for job in JOBS]


def test_a_job_that_failed_for_good_is_submitted_again(guard, flink):
    flink.known = {**flink.known, "detection": "FAILED"}
    guard.look()
    assert flink.submitted == ["detection"]


@pytest.mark.parametrize("state", ["CANCELED", "CANCELLING", "FINISHED"])
def test_a_job_that_somebody_stopped_stays_stopped_also_with_a_new_job_manager(guard, flink, state):
    flink.known = {**flink.known, "detection": state}
    guard.look()
    flink.known = {}
    guard.look()
    assert flink.submitted == [job.name for job in JOBS if job.name != "detection"]


def test_a_job_that_somebody_started_again_is_looked_after_again(guard, flink):
    running = flink.known
    for known in ({**running, "detection": "CANCELED"}, running, {}):
        flink.known = known
        guard.look()
    assert flink.submitted == [job.name for job in JOBS]


def test_a_job_manager_that_does_not_answer_gets_nothing(guard, flink):
    flink.known = None
    guard.look()
    assert flink.submitted == []


def test_while_jobs_start_no_client_takes_their_cores(guard, flink):
    flink.known = None
    guard.look()
    assert flink.clients == 0


def test_with_a_new_job_manager_the_client_is_ready(guard, flink, board):
    guard.look()
    assert flink.clients == 1
    board.put(Outage("jobmanager", Millis(0), 1, "starting", Millis(0)))
    flink.known = {}
    guard.look()
    assert flink.submitted == [job.name for job in JOBS]


def test_a_submission_that_failed_is_tried_again_with_a_new_client(guard, flink, settings):
    flink.known = {}
    flink.errors = ["Flink's client had ended before"]
    guard.look()
    assert flink.submitted == [job.name for job in JOBS]
    assert flink.clients == 1
    guard.close()
    assert flink.clients == 0
    [outage] = read_outages(settings)
    assert (outage.name, outage.ended) == ("jobs", 2)


def test_pictures_by_reference_go_though_every_producer_has_ended(settings, tmp_path):
    settings = settings.model_copy(update={"reference_folder": str(tmp_path / "references")})
    picture = tmp_path / "references" / "gate" / "gate_1.jpg"
    picture.parent.mkdir(parents=True)
    (tmp_path / "references" / "pycturestream-references.txt").touch()
    picture.write_bytes(b"jpeg")
    os.utime(picture, (0, 0))
    stop = Event()
    thread = Thread(target=supervise, args=(settings, [], SystemClock(stop), stop))
    thread.start()
    try:
        assert eventually(lambda: not picture.exists())
    finally:
        stop.set()
        thread.join()
