"""One submitter for all clusters, here with a client that only answers as Flink's does."""

import sys
from pathlib import Path

import msgspec
import pytest

from pycturestream.application import jobs as application
from pycturestream.application.jobs import (
    cancel_older_jobs,
    crowding,
    meets_old_code,
    require_usable_states,
    submit_missing,
    wait_until_running,
)
from pycturestream.code_fingerprint import code_fingerprint
from pycturestream.config.settings import Settings
from pycturestream.localstack import submit
from pycturestream.localstack.job_states import JobStatus
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.saved_state import StateLayout
from pycturestream.localstack.submit import (
    EMBEDDED_SLOT,
    FlinkClient,
    JobError,
    Submission,
    installed_client,
)

CLIENT = """
import json, sys
for line in open(sys.argv[-1]):
    order = json.loads(line)
    with open("orders", "a") as orders:
        orders.write(line)
    error = ""
    if order["name"] == "broken":
        error = "ValueError: no such topic"
    elif order["name"] == "slow":
        import time
        time.sleep(60)
    else:
        print("Job has been submitted with JobID id_of_" + order["name"])
    print("pycturestream:", json.dumps({"name": order["name"], "error": error}), flush=True)
"""
DETECTION, BROKEN, SLOW = (
    Job(name, Path(f"{name}.py")) for name in ("detection", "broken", "slow")
)
SERVING = Job("serving", Path("serving.py"), ("--target", "redis"))


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client.py").write_text(CLIENT)
    return FlinkClient(
        [sys.executable, str(tmp_path / "client.py")],
        tmp_path / "checkpoints",
        log=tmp_path / "logs" / "submit.log",
    )


def orders(tmp_path):
    return [msgspec.json.decode(line) for line in (tmp_path / "orders").read_bytes().splitlines()]


def test_jobs_are_submitted_in_order_by_one_client(client, tmp_path):
    submissions = list(submit_missing(client, [DETECTION, SERVING]))
    assert [(s.job, s.id, s.error) for s in submissions] == [
        (DETECTION, "id_of_detection", ""),
        (SERVING, "id_of_serving", ""),
    ]
    assert [order["arguments"] for order in orders(tmp_path)] == [[], ["--target", "redis"]]
    assert "id_of_serving" in client.log.read_text()


def test_a_job_goes_on_from_its_newest_checkpoint_unless_it_starts_fresh(client, tmp_path):
    checkpoint = tmp_path / "checkpoints" / "detection" / "chk-7"
    checkpoint.mkdir(parents=True)
    (checkpoint / "_metadata").touch()
    [restored] = submit_missing(client, [DETECTION])
    [fresh] = submit_missing(client, [DETECTION], fresh=True)
    assert (restored.checkpoint, fresh.checkpoint) == (checkpoint, None)
    first, second = (order["configuration"] for order in orders(tmp_path))
    own_folder = {
        "execution.checkpointing.dir": checkpoint.parent.as_uri(),
        "pipeline.global-job-parameters": f"code:{code_fingerprint()}",
    }
    assert first == own_folder | {
        "execution.state-recovery.path": checkpoint.as_uri(),
        "execution.state-recovery.claim-mode": "CLAIM",
    }
    assert second == own_folder


def test_a_job_that_fails_does_not_stop_the_others_and_is_raised_at_the_end(client):
    submissions = submit_missing(client, [BROKEN, DETECTION])
    assert "job broken was not submitted: ValueError: no such topic" in next(submissions).error
    assert next(submissions).id == "id_of_detection"
    with pytest.raises(JobError, match="no such topic"):
        next(submissions)


def test_each_job_may_wait_for_what_it_needs(client):
    waited = []
    list(submit_missing(client, [DETECTION, SERVING], before=waited.append))
    assert waited == [DETECTION, SERVING]


def test_a_client_rehearses_before_it_asks_what_to_submit(client, tmp_path):
    def jobs():
        assert [order["is_rehearsal"] for order in orders(tmp_path)] == [True, True]
        yield SERVING, None

    [submission] = submit.submit_all(client, jobs(), rehearse=[DETECTION, SERVING])
    assert submission.id == "id_of_serving"
    assert not orders(tmp_path)[-1]["is_rehearsal"]


def test_a_client_that_hangs_is_ended(client, monkeypatch):
    monkeypatch.setattr(submit, "TIMEOUT_S", 0.5)
    [submission] = submit.submit_all(client, [(SLOW, None)])
    assert "job slow was not submitted: Flink's client took longer than 0.5 s" in submission.error


def test_a_missing_client_is_reported_with_where_to_find_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JobError, match="no flink on PATH: run this in the image"):
        list(submit_missing(installed_client(tmp_path), [DETECTION]))


def test_without_missing_jobs_no_client_is_started(tmp_path):
    assert list(submit_missing(installed_client(tmp_path), [])) == []


STATEFUL = Job(
    "detection",
    Path("detection.py"),
    layout=StateLayout(current="track", former="understand"),
    is_embedded=True,
)


def saved(client: FlinkClient, operator: str) -> Path:
    """Write a checkpoint of the job with one operator, and return its path."""
    checkpoint = client.checkpoints / STATEFUL.name / "chk-1"
    checkpoint.mkdir(parents=True)
    name = len(operator).to_bytes(2) + operator.encode()
    (checkpoint / "_metadata").write_bytes(2 * name + bytes(16))
    return checkpoint


def test_state_of_operators_that_are_switched_off_is_left_out(client, tmp_path):
    saved(client, "track")
    list(submit_missing(client, [STATEFUL]))
    [order] = orders(tmp_path)
    assert order["configuration"]["execution.state-recovery.ignore-unclaimed-state"] == "true"


def test_state_of_unknown_operators_is_left_to_flink_which_rejects_it(client, tmp_path):
    saved(client, "something")
    list(submit_missing(client, [STATEFUL]))
    [order] = orders(tmp_path)
    assert "execution.state-recovery.path" in order["configuration"]
    assert "execution.state-recovery.ignore-unclaimed-state" not in order["configuration"]


def test_a_job_with_state_of_an_older_version_is_not_submitted_and_the_others_are(client, tmp_path):
    saved(client, "understand")
    submissions = submit_missing(client, [STATEFUL, SERVING])
    assert "an older version wrote its state" in next(submissions).error
    assert next(submissions).id == "id_of_serving"
    with pytest.raises(JobError, match="start it with --fresh"):
        next(submissions)
    assert [order["name"] for order in orders(tmp_path)] == ["serving"]


def test_a_job_inside_task_managers_takes_slots_of_its_own_size(client, tmp_path):
    list(submit_missing(client, [STATEFUL, SERVING]))
    assert [order["slot"] for order in orders(tmp_path)] == [EMBEDDED_SLOT, None]


def test_a_fresh_start_needs_no_state(client, tmp_path):
    saved(client, "understand")
    [submission] = submit_missing(client, [STATEFUL], fresh=True)
    assert not submission.error
    assert "execution.state-recovery.path" not in orders(tmp_path)[0]["configuration"]


THIS_CODE = code_fingerprint()


class Cluster:
    """What a job manager reports about one job, which a test may change."""

    def __init__(self, monkeypatch, *, code=THIS_CODE, state="RUNNING", tasks=()):
        self.code, self.state, self.tasks, self.failure = code, state, list(tasks), ""
        self.cancelled = []
        for name in (
            "cancel",
            "code_of",
            "last_failure",
            "newest_states",
            "running_jobs",
            "state_of",
            "unfinished_tasks",
        ):
            monkeypatch.setattr(application, name, getattr(self, name))
        monkeypatch.setattr(application, "POLL_S", 0.001)
        monkeypatch.setattr(application, "TIMEOUT_S", 0.1)

    def running_jobs(self, _settings):
        return [JobStatus(STATEFUL.name, "id", self.state, started_at=0, restarts=0)]

    def code_of(self, _settings, _job_id):
        return self.code

    def cancel(self, _settings, job_id):
        self.cancelled.append(job_id)
        self.state = "CANCELED"

    def state_of(self, _settings, _job_id):
        return self.state

    def newest_states(self, _settings):
        return {STATEFUL.name: self.state}

    def unfinished_tasks(self, _settings, _job_id):
        return [self.tasks.pop(0)] if self.tasks else []

    def last_failure(self, _settings, _job_id):
        return self.failure


SETTINGS = Settings(port_offset=49_000)
SUBMISSION = Submission(STATEFUL, None, "id", "")
OLD_CODE = (
    "java.lang.RuntimeException\nCaused by: pemja.core.PythonException: "
    "<class 'pycturestream.code_fingerprint.OldCodeError'>: the task manager runs code 0123\n"
    "\tat udfs.track.open(track.py:7)"
)


def test_a_job_with_other_code_inside_task_managers_is_cancelled(monkeypatch):
    cluster = Cluster(monkeypatch, code="0123456789abcdef")
    reports = []
    cancel_older_jobs(SETTINGS, lambda *report: reports.append(report), [STATEFUL])
    assert cluster.cancelled == ["id"]
    assert reports == [("detection", "runs other code, is submitted again")]


def test_a_job_with_this_code_runs_on(monkeypatch):
    cluster = Cluster(monkeypatch)
    cancel_older_jobs(SETTINGS, jobs=[STATEFUL])
    assert not cluster.cancelled


def test_a_job_that_its_task_manager_can_not_run_for_its_code_is_cancelled(monkeypatch):
    cluster = Cluster(monkeypatch, tasks=["INITIALIZING"] * 2)
    cluster.failure = OLD_CODE
    assert meets_old_code(SETTINGS, [STATEFUL])
    cancel_older_jobs(SETTINGS, jobs=[STATEFUL])
    assert cluster.cancelled == ["id"]


def test_a_job_that_met_old_code_once_and_runs_now_runs_on(monkeypatch):
    cluster = Cluster(monkeypatch)
    cluster.failure = OLD_CODE
    assert not meets_old_code(SETTINGS, [STATEFUL])
    cancel_older_jobs(SETTINGS, jobs=[STATEFUL])
    assert not cluster.cancelled


def test_a_job_that_does_not_run_for_another_reason_has_not_met_old_code(monkeypatch):
    Cluster(monkeypatch, state="RESTARTING").failure = "java.net.ConnectException: refused"
    assert not meets_old_code(SETTINGS, [STATEFUL])


def test_a_job_whose_operators_have_processes_of_their_own_runs_on_with_any_code(monkeypatch):
    cluster = Cluster(monkeypatch, code="0123456789abcdef")
    cancel_older_jobs(SETTINGS, jobs=[DETECTION])
    assert not cluster.cancelled


def test_a_job_that_can_not_go_on_is_rejected_before_anything_is_stopped(monkeypatch, client):
    saved(client, "understand")
    monkeypatch.setattr(application, "local_checkpoints", lambda _: client.checkpoints)
    cluster = Cluster(monkeypatch, code="")
    with pytest.raises(JobError, match="start it with --fresh"):
        require_usable_states(SETTINGS, [STATEFUL])
    assert not cluster.cancelled


def test_a_job_that_runs_needs_no_state(monkeypatch, client):
    saved(client, "understand")
    monkeypatch.setattr(application, "local_checkpoints", lambda _: client.checkpoints)
    Cluster(monkeypatch)
    require_usable_states(SETTINGS, [STATEFUL])


def test_a_job_runs_when_all_its_tasks_do(monkeypatch):
    cluster = Cluster(monkeypatch, tasks=["SCHEDULED", "INITIALIZING"])
    wait_until_running(SETTINGS, SUBMISSION)
    assert not cluster.tasks


def test_a_job_that_finds_old_code_is_cancelled_and_says_what_to_restart(monkeypatch):
    cluster = Cluster(monkeypatch, state="RESTARTING")
    cluster.failure = OLD_CODE
    with pytest.raises(JobError) as raised:
        wait_until_running(SETTINGS, SUBMISSION)
    assert str(raised.value) == "job detection was cancelled: the task manager runs code 0123"
    assert cluster.cancelled == ["id"]


def test_a_job_that_failed_for_another_reason_is_waited_for(monkeypatch):
    cluster = Cluster(monkeypatch, tasks=["INITIALIZING"])
    cluster.failure = "java.net.ConnectException: refused"
    wait_until_running(SETTINGS, SUBMISSION)
    assert not cluster.cancelled


def test_a_job_without_task_managers_says_so(monkeypatch):
    Cluster(monkeypatch, tasks=["SCHEDULED"] * 1_000)
    with pytest.raises(JobError, match="job detection waits for task managers"):
        wait_until_running(SETTINGS, SUBMISSION)


def test_a_job_that_ended_says_so(monkeypatch):
    Cluster(monkeypatch, state="FAILED")
    with pytest.raises(JobError, match="job detection is FAILED"):
        wait_until_running(SETTINGS, SUBMISSION)


@pytest.mark.parametrize(("detectors", "managers"), [(1, 1), (2, 2), (1, 3)])
def test_detectors_with_a_task_manager_each_are_not_warned_of(detectors, managers):
    assert not crowding(Settings(detection_parallelism=detectors, task_managers=managers))


def test_detectors_that_share_a_task_manager_are_warned_of_in_one_line():
    warning = crowding(Settings(detection_parallelism=4, task_managers=2))
    assert warning.startswith("4 detectors share 2 task managers, ")
    assert warning.endswith("set PYCTURESTREAM_TASK_MANAGERS=4")
    assert "\n" not in warning
