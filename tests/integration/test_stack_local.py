"""The local stack as its users see it. Redis represents all servers where one is enough."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import psutil
import pytest
import redis
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from pycturestream.application.jobs import submit
from pycturestream.application.stack import start_stack
from pycturestream.contracts import topics
from pycturestream.localstack import StackError, processes
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer
from pycturestream.localstack.job_states import cancel, running_jobs
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.stack import servers
from pycturestream.localstack.submit import local_client, submit_all
from pycturestream.log.create_topics import create_topics

pytestmark = pytest.mark.integration

TICK = Path(__file__).parent.parent / "jobs" / "tick.py"


@pytest.fixture
def server(own_settings):
    """A Redis of this test's own."""
    redis_server = RedisServer(own_settings)
    yield redis_server
    halt(redis_server)


def test_a_stopped_server_frees_its_port_and_starts_again(server):
    launch(server)
    assert halt(server)
    assert not server.is_ready()
    launch(server)
    assert server.is_ready()


def test_a_server_that_runs_is_not_started_again(server):
    assert launch(server)
    before = _record(server)
    assert not launch(server)
    assert _record(server) == before


def test_stopping_what_does_not_run_does_nothing(server):
    assert not halt(server)


def test_a_killed_server_is_started_again(server):
    launch(server)
    killed = _record(server)
    os.kill(killed.pid, signal.SIGKILL)
    psutil.Process(killed.pid).wait(10)
    assert launch(server)
    assert server.is_ready()
    assert _record(server).pid != killed.pid


def test_a_server_that_ends_while_it_is_waited_for_is_started_again(server):
    launch(server)
    hanging = _record(server)
    os.kill(hanging.pid, signal.SIGSTOP)
    Timer(1, os.kill, (hanging.pid, signal.SIGKILL)).start()
    assert launch(server)
    assert server.is_ready()
    assert _record(server).pid != hanging.pid


def test_a_server_whose_starter_was_killed_is_taken_over(server):
    """What `up` leaves when it is killed midway: a server with a record, not yet answering."""
    server.prepare()
    processes.start(
        server.name,
        server.command(),
        {},
        data_folder=server.settings.data_folder.resolve(),
        log=server.log,
    )
    assert not launch(server)
    assert server.is_ready()


def test_two_copies_run_side_by_side_and_stop_apart(server, other_settings):
    other = RedisServer(other_settings)
    try:
        launch(server)
        launch(other)
        halt(server)
        assert other.is_ready()
    finally:
        halt(other)


def test_a_port_that_is_taken_stops_the_start_before_anything_runs(own_settings):
    with (
        socket.create_server((own_settings.host, own_settings.ports.elasticsearch)),
        pytest.raises(StackError, match=f"port {own_settings.ports.elasticsearch} "),
    ):
        start_stack(own_settings, jobs=())
    assert not any(_record(each) for each in servers(own_settings))


def test_a_port_of_another_copy_is_reported_with_its_folder(server, other_settings):
    launch(server)
    same_ports = other_settings.model_copy(update={"port_offset": server.settings.port_offset})
    with pytest.raises(StackError, match=f"of the stack in {server.settings.data_folder}"):
        launch(RedisServer(same_ports))


def test_topics_can_be_created_again_and_take_new_settings(kafka_server):
    create_topics(kafka_server)
    changed = kafka_server.model_copy(update={"frame_retention_ms": 120_000})
    assert create_topics(changed) == []
    client = KafkaAdminClient(bootstrap_servers=kafka_server.kafka)
    try:
        assert {topics.FRAMES, *topics.RESULTS} <= set(client.list_topics())
        # The broker takes it from the metadata log a moment later.
        while _retention(client) != "120000":
            time.sleep(0.05)
    finally:
        client.close()
        create_topics(kafka_server)


def test_kafka_keeps_its_records_over_a_restart(own_settings):
    server = KafkaServer(own_settings)
    try:
        launch(server)
        create_topics(own_settings)
        halt(server)
        launch(server)
        assert create_topics(own_settings) == []
    finally:
        halt(server)


@pytest.fixture(scope="module")
def tick(flink_cluster):
    """The id of a running job that has a Python worker; its submission was rehearsed."""
    job = Job("tick", TICK, ("tick",))
    (submission,) = submit_all(local_client(flink_cluster), [(job, None)], rehearse=[job])
    yield submission.id
    cancel(flink_cluster, submission.id)


def test_a_submitted_job_runs_under_its_name_and_its_rehearsal_does_not(flink_cluster, tick):
    (job,) = (job for job in running_jobs(flink_cluster) if job.name == "tick")
    assert (job.id, job.restarts) == (tick, 0)


@pytest.mark.usefixtures("tick")
def test_flink_listens_on_loopback_only_also_to_its_python_workers(flink_cluster):
    task_manager = _record(TaskManagerServer(flink_cluster))
    while len(processes.members(task_manager, flink_cluster.data_folder.resolve())) == 1:
        time.sleep(0.1)  # until the job's Python worker has started
    listening = [
        connection.laddr.ip
        for server in (JobManagerServer(flink_cluster), TaskManagerServer(flink_cluster))
        for connection in psutil.Process(_record(server).pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_a_failed_start_stops_what_it_started(own_settings, monkeypatch):
    monkeypatch.setattr(ElasticsearchServer, "command", lambda _: ["sh", "-c", "echo no disk"])
    with pytest.raises(StackError, match="elasticsearch ended while starting: no disk"):
        start_stack(own_settings, jobs=())
    assert not any(_record(each) for each in servers(own_settings))


def test_a_job_that_fails_at_submission_reports_the_cause(flink_cluster, tmp_path):
    script = tmp_path / "job.py"
    script.write_text("raise LookupError('no such camera')")
    with pytest.raises(StackError, match="LookupError: no such camera"):
        submit(flink_cluster, Job("failing", script))


def test_status_shows_servers_and_missing_jobs(local_stack):
    done = subprocess.run(
        [sys.executable, "-m", "pycturestream.cli.main", "status", "--json"],
        capture_output=True,
        check=False,
        text=True,
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    health = {each["name"]: each["healthy"] for each in records if each["kind"] == "server"}
    states = {each["name"]: each["state"] for each in records if each["kind"] == "job"}
    assert health == {server.name: True for server in servers(local_stack)}
    assert states["detection"] == "MISSING"
    assert done.returncode == 1


def test_starting_a_stack_that_runs_starts_nothing(local_stack):
    assert start_stack(local_stack, jobs=()) == []


def test_redis_keeps_its_values_over_a_restart(server):
    """Its job goes on where it stopped, and would not write them again."""
    launch(server)
    with redis.Redis.from_url(server.settings.redis) as client:
        client.set("camera:gate:latest", "{}")
    halt(server)
    launch(server)
    with redis.Redis.from_url(server.settings.redis) as client:
        assert client.get("camera:gate:latest") == b"{}"


def _retention(client):
    frames = ConfigResource(ConfigResourceType.TOPIC, topics.FRAMES)
    return client.describe_configs([frames])["topic"][topics.FRAMES]["retention.ms"]["value"]


def _record(server):
    return processes.read_process_record(server.settings.data_folder.resolve(), server.name)
