"""What `down`, `up` and the timer remove of a stack that does not run."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack import clean_up as clean_up_module
from pycturestream.localstack import stack
from pycturestream.localstack.clean_up import CleanUp, clean_up
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.log.segments import BrokerRunsError, Removed
from pycturestream.stores.reference_folder import References
from tests.unit.log.test_segments import batch, segment

NOW = 0
"""The time of the test."""
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


class Clock:
    def now(self):
        return NOW


@pytest.fixture(autouse=True)
def _time_of_the_test():
    # Live pictures are kept for minutes, and a run imports a test that long before it comes to it.
    global NOW  # noqa: PLW0603
    NOW = time.time_ns() // 1_000_000


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path / "data", reference_folder=str(tmp_path / "references"))


@pytest.fixture
def log(settings):
    return KafkaServer(settings).log_folder


def stored(log):
    """The topics of which there are records."""
    return {path.parent.name for path in log.rglob("*.log") if path.stat().st_size}


@pytest.fixture
def records(log):
    for topic in ("frames", "frames.dead-letter", "pycturestream", "frames.replay", "detections"):
        segment(log / f"{topic}-0", 0, batch(0, NOW))
    segment(log / "frames.replay-1", 0, batch(0, NOW - DAY))
    segment(log / "detections-1", 0, batch(0, NOW - 30 * DAY))
    segment(log / "cameras-0", 0, batch(0, NOW - 900 * DAY))
    segment(log / "frames-1", 0, batch(0, NOW - 7 * MINUTE))


@pytest.mark.usefixtures("records")
def test_down_forgets_live_pictures_and_what_is_due(settings, log):
    assert not stack.stop_stack(settings)
    assert stored(log) == {"frames.replay-0", "detections-0", "cameras-0"}


@pytest.mark.usefixtures("records")
def test_without_a_stop_only_what_is_due_goes(settings, log):
    assert stack.clean_stack(settings).log.segments == 3
    assert stored(log) == {
        "frames-0",
        "frames.dead-letter-0",
        "pycturestream-0",
        "frames.replay-0",
        "detections-0",
        "cameras-0",
    }


@pytest.mark.usefixtures("records")
def test_up_removes_what_is_due_before_it_starts_anything(settings, log, monkeypatch):
    found = []
    for name in ("check_machine", "check_memory", "check_free", "_close_data_folder"):
        monkeypatch.setattr(stack, name, lambda *_: None)
    monkeypatch.setattr(stack, "is_fetched", lambda _: True)
    monkeypatch.setattr(stack, "_start_all", lambda *_, **__: found.append(stored(log)))
    reports = []
    stack.start_servers(settings, lambda *report: reports.append(report))
    [before] = found
    assert "frames-0" in before
    assert not {"frames-1", "frames.replay-1", "detections-1"} & before
    assert reports == [("clean-up", "removed 0.1 MB of the log")]


@pytest.mark.usefixtures("records")
def test_of_a_broker_that_runs_the_files_are_left_alone(settings, log, monkeypatch):
    monkeypatch.setattr(stack, "is_running", lambda _: True)
    before = stored(log)
    assert stack.clean_stack(settings).log == Removed()
    assert stored(log) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can remove what is another user's")
@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("user", [0, 1234])
def test_the_files_stay_those_of_the_user_whose_stack_it_is(settings, log, user):
    for path in (log, *log.rglob("*")):
        os.chown(path, user, user)

    clean_up(settings, forget_live=True)

    files = [path for path in log.rglob("*") if path.is_file()]
    assert {".lock", f"{1:020}.log", f"{1:020}.index"} <= {path.name for path in files}
    assert {(path.stat().st_uid, path.stat().st_gid) for path in (log, *files)} == {(user, user)}


def test_where_nothing_was_ever_started_there_is_nothing_to_remove(settings):
    assert clean_up(settings, forget_live=True) == CleanUp()
    assert not CleanUp().sentence


def written(settings, name, keep_ms):
    return References(name, keep_ms, settings, Clock()).write(NOW, b"jpeg")


@pytest.mark.parametrize(
    ("servers", "left"), [("", {"history"}), ("elsewhere:9092", {"history", "live"})]
)
def test_live_pictures_by_reference_go_with_a_broker_of_ours(settings, tmp_path, servers, left):
    settings = settings.model_copy(update={"kafka_servers": servers})
    written(settings, "live", 7 * MINUTE)
    written(settings, "history", DAY)
    due = tmp_path / "references" / written(settings, "due", MINUTE)
    os.utime(due, (NOW / 1000 - 1, NOW / 1000 - 1))

    clean_up(settings, forget_live=True, forget_live_references=True)

    assert {path.parent.name for path in (tmp_path / "references").rglob("*.jpg")} == left


@pytest.mark.parametrize(("ran", "left"), [(("kafka",), False), (("redis",), True), ((), True)])
def test_only_who_stops_kafka_forgets_live_pictures_by_reference(settings, monkeypatch, ran, left):
    picture = Path(settings.reference_folder) / written(settings, "live", 7 * MINUTE)
    monkeypatch.setattr(stack, "halt", lambda server, *_: server.name in ran)

    assert stack.stop_stack(settings) is bool(ran)

    assert picture.exists() is left


def test_references_are_clean_also_where_a_broker_has_the_log(settings, log, monkeypatch):
    @contextmanager
    def taken(_folder):
        raise BrokerRunsError("a broker has it")
        yield

    log.mkdir(parents=True)
    due = Path(settings.reference_folder) / written(settings, "due", MINUTE)
    os.utime(due, (NOW / 1000 - 1, NOW / 1000 - 1))
    monkeypatch.setattr(clean_up_module, "stopped_broker", taken)

    with pytest.raises(BrokerRunsError):
        clean_up(settings)

    assert not due.exists()


def test_what_was_removed_is_said():
    done = CleanUp(Removed(2, 1_500_000), 3)
    assert done.sentence == "removed 1.5 MB of the log and 3 pictures by reference"
