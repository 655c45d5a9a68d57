"""`pycturestream setup` on servers that something else started: here the local stack's."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import requests
from kafka import KafkaAdminClient, KafkaProducer

from pycturestream.cli import setup as command
from pycturestream.clock import now
from pycturestream.config.settings import Settings, settings
from pycturestream.contracts.topics import DETECTIONS, FRAMES, RESULTS
from pycturestream.dashboards.dashboard import dashboards, panels
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import (
    DISTRIBUTION,
    JobManagerServer,
    TaskManagerServer,
    flink_environment,
)
from pycturestream.localstack.jobs import JOBS, newest_state
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.submit import local_checkpoints
from pycturestream.stores.elasticsearch import connect
from tests.builders import detection_record

pytestmark = [pytest.mark.integration, pytest.mark.slow]  # a cluster of its own
(JOB,) = [job for job in JOBS if job.name == "serving-elasticsearch"]  # the lightest of them


@pytest.fixture
def cluster(own_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Servers of this test's own, where nothing was ever set up."""
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(own_settings.data_folder))
    monkeypatch.setenv("PYCTURESTREAM_PORT_OFFSET", str(own_settings.port_offset))
    settings.cache_clear()
    servers = [
        kind(own_settings)
        for kind in (KafkaServer, ElasticsearchServer, JobManagerServer, TaskManagerServer)
    ]
    try:
        for server in servers:
            launch(server)
        yield own_settings
    finally:
        for server in reversed(servers):
            halt(server)
        settings.cache_clear()


@pytest.fixture
def run(
    cluster: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the command with Flink's own client on the path, as in the image."""
    for key, value in flink_environment(cluster).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PATH", f"{DISTRIBUTION / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(command, "JOBS", (JOB,))

    def run(folder: Path, *, fresh: bool = False) -> str:
        command.setup(folder, fresh=fresh)
        return capsys.readouterr().out

    return run


def jobs(settings: Settings, state: str) -> list[str]:
    overview = requests.get(f"{settings.flink}/jobs/overview", timeout=10).json()["jobs"]
    return [job["jid"] for job in overview if job["name"] == JOB.name and job["state"] == state]


def queried_metrics() -> set[str]:
    """Return the names of Flink's metrics that a panel queries of any job, or of this one."""
    targets = [t for d in dashboards() for panel in panels(d) for t in panel.targets]
    queries = [target.get("expr", "") for target in targets]
    return {
        name
        for query in queries
        if set(re.findall(r'job_name="([^"]+)"', query)) <= {JOB.name}
        for name in re.findall(r"\bflink_\w+", query)
    }


def exported_metrics(settings: Settings) -> set[str]:
    ports = (settings.ports.jobmanager_metrics, settings.ports.taskmanager_metrics)
    texts = (requests.get(f"http://{settings.host}:{p}/metrics", timeout=10).text for p in ports)
    return {name for text in texts for name in re.findall(r"^flink_\w+", text, re.MULTILINE)}


def publish_a_record(settings: Settings) -> None:
    record = detection_record(camera_id="gate", captured_at=now())
    producer = KafkaProducer(bootstrap_servers=settings.kafka)
    producer.send(DETECTIONS, msgspec.json.encode(record), key=b"gate").get(60)
    producer.close()


def until(something: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not something():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.timeout(1200)  # two submissions and a checkpoint, on a machine that may be busy
def test_setup_makes_all_ready_once_and_a_job_goes_on_from_its_checkpoint(
    cluster: Settings, run: Callable[..., str]
):
    folder = local_checkpoints(cluster)  # where Flink's user can write

    # given servers that are empty, when it runs for the first time
    output = run(folder)

    # then there are topics, templates and the job
    assert f"job {JOB.name}: submitted, fresh" in output
    client = KafkaAdminClient(bootstrap_servers=cluster.kafka)
    assert {FRAMES, *RESULTS} <= set(client.list_topics())
    client.close()
    with connect(cluster) as search:
        assert search.indices.exists_index_template(name="pycturestream-detections")
    (first,) = jobs(cluster, "RUNNING")
    # and with the first record, Flink exports all metrics that the dashboards query
    publish_a_record(cluster)
    assert queried_metrics()
    until(lambda: queried_metrics() <= exported_metrics(cluster))

    # when it runs again, then nothing happens twice
    assert f"job {JOB.name}: runs" in run(folder)
    assert jobs(cluster, "RUNNING") == [first]

    # when the job was cancelled, then it resumes from its checkpoint
    until(lambda: newest_state(folder / JOB.name))
    requests.patch(f"{cluster.flink}/jobs/{first}", timeout=10)
    until(lambda: first in jobs(cluster, "CANCELED"))
    assert f"job {JOB.name}: submitted, from {folder / JOB.name}" in run(folder)
    (second,) = jobs(cluster, "RUNNING")
    restored = requests.get(f"{cluster.flink}/jobs/{second}/checkpoints", timeout=10).json()
    assert restored["counts"]["restored"] == 1
