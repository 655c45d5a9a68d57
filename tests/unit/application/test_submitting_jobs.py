"""One submitter for all clusters, here with a client that only answers as Flink's does."""

import sys
from pathlib import Path

import msgspec
import pytest

from pycturestream.application.jobs import submit_missing
from pycturestream.localstack import submit
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.submit import FlinkClient, JobError, installed_client

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
    own_folder = {"execution.checkpointing.dir": checkpoint.parent.as_uri()}
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
