"""Operators that run inside a task manager, on a real one."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
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
from pycturestream.localstack.submit import JobError, Submission, local_client, submit_all
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.create_topics import create_topics
from tests.waiting import eventually

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).parent.parent / "jobs" / "embedded.py"


@pytest.fixture
def cluster(flink_cluster: Settings, kafka_server: Settings) -> Settings:
    """A cluster, and a broker that knows a camera."""
    create_topics(kafka_server)
    publish_cameras([Camera("gate", site="north")], kafka_server, SystemClock())
    return flink_cluster


class Reports:
    """What the operators of the jobs of a test have reported as they opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def job(self, name: str, *arguments: str, code: str = "") -> Job:
        file = str(self._folder / name)
        return Job(name, SCRIPT, (name, file, code or code_fingerprint(), *arguments))

    def of(self, name: str) -> list[dict[str, Any]]:
        file = self._folder / name
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def wait(self, job: Job, number: Mapping[str, int]) -> None:
        """Wait for so many reports of a job."""
        assert eventually(lambda: len(self.of(job.name)) >= number[job.name])


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return Reports(tmp_path)


def run(settings: Settings, jobs: Iterable[Job], act: Callable[[Submission], None]) -> None:
    """Submit jobs with one client; after each, act, and cancel it if it has not ended."""
    for submission in submit_all(local_client(settings), ((job, None) for job in jobs)):
        assert not submission.error
        act(submission)
        if state_of(settings, submission.id) not in ENDED:
            cancel(settings, submission.id)
        assert eventually(lambda job_id=submission.id: state_of(settings, job_id) in ENDED)


@pytest.mark.timeout(900)  # four jobs, on a machine that may be busy
def test_operators_inside_a_task_manager_share_a_follower_that_ends_with_them(
    cluster: Settings, reports: Reports
):
    # given jobs one after the other in one task manager, of which one fails and restarts
    reported = {"first": 2, "failing": 6, "last": 2}
    jobs = [reports.job(name, *(["fails"] if name == "failing" else [])) for name in reported]

    # when each is cancelled once its two operators have opened, which tells them nothing
    run(cluster, jobs, lambda submission: reports.wait(submission.job, reported))

    # then there was one follower at any time, and none any more when the next job came
    record = read_process_record(cluster.data_folder.resolve(), TaskManagerServer(cluster).name)
    for name in reported:
        opened = reports.of(name)
        assert {each["pid"] for each in opened} == {record.pid}
        assert {each["python"] for each in opened} == {sys.prefix}
        assert {each["site"] for each in opened} == {"north"}
        assert {each["followers"] for each in opened} == {1}
        assert min(each["followers before"] for each in opened[:2]) == 0


@pytest.mark.timeout(600)
def test_a_job_with_other_code_than_its_task_manager_is_cancelled_and_says_so(
    cluster: Settings, reports: Reports
):
    raised = []

    def wait(submission: Submission) -> None:
        with pytest.raises(JobError) as error:
            wait_until_running(cluster, submission)
        raised.append(str(error.value))

    run(cluster, [reports.job("other", code="0123456789abcdef")], wait)

    assert len(raised) == 1
    assert raised[0].startswith(
        f"job other was cancelled: the task manager runs code {code_fingerprint()}, the job was "
        "submitted with 0123456789abcdef: restart all task managers"
    )
    assert reports.of("other") == []
