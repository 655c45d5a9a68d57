"""Operators that run inside a task manager, on a real one."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pycturestream.application.jobs import wait_until_running
from pycturestream.clock import SystemClock
from pycturestream.code_fingerprint import code_fingerprint
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.localstack.flink import TaskManagerServer
from pycturestream.localstack.job_states import ENDED, cancel, state_of
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.processes import read_process_record
from pycturestream.localstack.submit import JobError, local_client, submit_all
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]  # a machine that may be busy

SCRIPT = Path(__file__).parent.parent / "jobs" / "embedded.py"
OTHER_CODE = "0123456789abcdef"


class Reports:
    """What the operators of jobs have reported as they opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.errors: dict[str, str] = {}
        """Why a job does not run, by its name."""

    def job(self, name: str, *arguments: str, code: str = "") -> Job:
        file = str(self._folder / name)
        return Job(name, SCRIPT, (name, file, code or code_fingerprint(), *arguments))

    def of(self, name: str) -> list[dict[str, Any]]:
        file = self._folder / name
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture(scope="module")
def reports(
    flink_cluster: Settings, kafka_server: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Reports:
    """Run jobs one after the other in one task manager; cancel each once its operators report."""
    create_topics(kafka_server)
    publish_cameras([Camera("gate", site="north")], kafka_server, SystemClock())
    reports = Reports(tmp_path_factory.mktemp("reports"))
    expected = {
        reports.job("first"): 2,
        reports.job("failing", "fails"): 6,  # which restarts it
        reports.job("last"): 2,
        reports.job("other", code=OTHER_CODE): 0,
    }
    for submission in submit_all(local_client(flink_cluster), ((job, None) for job in expected)):
        job = submission.job
        assert not submission.error
        assert eventually(lambda job=job: len(reports.of(job.name)) >= expected[job])
        try:
            if job.name != "failing":
                wait_until_running(flink_cluster, submission)
            cancel(flink_cluster, submission.id)
        except JobError as error:
            reports.errors[job.name] = str(error)
        assert eventually(lambda job_id=submission.id: state_of(flink_cluster, job_id) in ENDED)
    return reports


@pytest.mark.parametrize("name", ["first", "failing", "last"])
def test_all_operators_in_a_task_manager_share_one_follower(reports: Reports, name: str):
    opened = reports.of(name)

    assert {each["followers"] for each in opened} == {1}
    assert {each["site"] for each in opened} == {"north"}


@pytest.mark.parametrize("name", ["first", "failing", "last"])
def test_a_follower_ends_with_its_job_though_its_operators_are_not_told(
    reports: Reports, name: str
):
    first_two = reports.of(name)[:2]

    assert min(each["followers before"] for each in first_two) == 0


def test_they_run_in_the_task_managers_own_process_with_this_python(
    flink_cluster: Settings, reports: Reports
):
    server = TaskManagerServer(flink_cluster)
    record = read_process_record(flink_cluster.data_folder.resolve(), server.name)

    opened = reports.of("first") + reports.of("last")
    assert {each["pid"] for each in opened} == {record.pid}
    assert {each["python"] for each in opened} == {sys.prefix}


def test_a_job_with_other_code_than_the_task_manager_is_cancelled_and_says_so(reports: Reports):
    assert reports.of("other") == []
    assert reports.errors == {
        "other": (
            f"job other was cancelled: the task manager runs code {code_fingerprint()}, the job "
            f"was submitted with {OTHER_CODE}: restart all task managers, then submit the job "
            "again (`pycturestream up` does both)"
        )
    }
