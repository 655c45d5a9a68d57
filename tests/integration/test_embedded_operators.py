"""Operators that run inside a task manager, on a real one."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pycturestream.application.jobs import wait_until_running
from pycturestream.clock import SystemClock
from pycturestream.code_fingerprint import code_fingerprint
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.localstack.flink import TaskManagerServer
from pycturestream.localstack.job_states import ENDED, cancel, running_jobs, state_of
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.processes import read_process_record
from pycturestream.localstack.saved_state import StateLayout
from pycturestream.localstack.submit import JobError, local_client, submit_all
from pycturestream.localstack.unprivileged import give
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from tests.recovery.savepoint import stop_with_savepoint
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]  # a machine that may be busy

SCRIPT = Path(__file__).parent.parent / "jobs" / "embedded.py"
OTHER_CODE = "0123456789abcdef"
LAYOUT = StateLayout(current="first", former="zeroth")
BOTH = "first,second"


class Reports:
    """What the operators of jobs have reported."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.errors: dict[str, str] = {}
        """Why a job does not run, by its name."""

    def job(self, name: str, uids: str, *arguments: str, code: str = "") -> Job:
        file = str(self._folder / name)
        arguments = (name, file, code or code_fingerprint(), uids, *arguments)
        return Job(name, SCRIPT, arguments, layout=LAYOUT)

    def of(self, name: str, event: str = "opened") -> list[dict[str, Any]]:
        file = self._folder / name
        told = file.read_text().splitlines() if file.exists() else []
        return [each for line in told if (each := json.loads(line))["event"] == event]


@pytest.fixture(scope="module")
def reports(flink_cluster: Settings, kafka_server: Settings) -> Reports:
    """Run jobs one after the other in one task manager; stop each once its operators report."""
    create_topics(kafka_server)
    publish_cameras([Camera("gate", site="north")], kafka_server, SystemClock())
    folder = flink_cluster.data_folder / "flink" / "reports"
    folder.mkdir(mode=0o700)
    give(folder)  # Flink's user writes there
    reports = Reports(folder)
    saved: list[Path | None] = [None]

    def jobs() -> Iterator[tuple[Job, Path | None]]:
        yield reports.job("cancelled", BOTH), None
        yield reports.job("failing", BOTH, "fails"), None
        yield reports.job("stopped", BOTH), None
        yield reports.job("resumed", "first"), saved[0]
        yield reports.job("other", BOTH, code=OTHER_CODE), None

    for submission in submit_all(local_client(flink_cluster), jobs()):
        job = submission.job
        assert not submission.error
        if job.name == "failing":
            # Each of its two operators opens again after each failure.
            assert eventually(lambda job=job: len(reports.of(job.name)) >= 6)
        elif job.name != "other":
            assert eventually(lambda job=job: reports.of(job.name, "first record") != [])
        try:
            if job.name == "stopped":
                (status,) = (each for each in running_jobs(flink_cluster) if each.name == job.name)
                saved[0] = stop_with_savepoint(flink_cluster, status)
            else:
                if job.name != "failing":
                    wait_until_running(flink_cluster, submission)
                cancel(flink_cluster, submission.id)
        except JobError as error:
            reports.errors[job.name] = str(error)
        assert eventually(lambda job_id=submission.id: state_of(flink_cluster, job_id) in ENDED)
    return reports


@pytest.mark.parametrize("name", ["cancelled", "failing", "stopped", "resumed"])
def test_all_operators_in_a_task_manager_share_one_follower(reports: Reports, name: str):
    opened = reports.of(name)

    assert {each["followers"] for each in opened} == {1}
    assert {each["site"] for each in opened} == {"north"}


@pytest.mark.parametrize("name", ["cancelled", "failing", "stopped", "resumed"])
def test_a_follower_ends_with_its_job_though_its_operators_are_not_told(
    reports: Reports, name: str
):
    # The second operator of a job may find the first one's.
    assert min(each["followers before"] for each in reports.of(name)[:2]) == 0


def test_they_run_in_the_task_managers_own_process_with_this_python(
    flink_cluster: Settings, reports: Reports
):
    server = TaskManagerServer(flink_cluster)
    record = read_process_record(flink_cluster.data_folder.resolve(), server.name)

    opened = reports.of("cancelled") + reports.of("resumed")
    assert {each["pid"] for each in opened} == {record.pid}
    assert {each["python"] for each in opened} == {sys.prefix}


def test_a_job_takes_up_its_state_without_that_of_an_operator_that_it_no_longer_has(
    reports: Reports,
):
    assert "resumed" not in reports.errors
    (first,) = reports.of("resumed", "first record")
    assert first["records before"] > 0
    assert all(each["records before"] == 0 for each in reports.of("stopped", "first record"))


def test_a_job_with_other_code_than_the_task_manager_is_cancelled_and_says_so(reports: Reports):
    assert reports.of("other") == []
    assert reports.errors == {
        "other": (
            f"job other was cancelled: the task manager runs code {code_fingerprint()}, the job "
            f"was submitted with {OTHER_CODE}: restart all task managers, then submit the job "
            "again (`pycturestream up` does both)"
        )
    }
