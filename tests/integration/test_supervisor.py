"""What dies in the local stack comes back. Redis represents all servers where one is enough."""

import os
import signal
import socket
from contextlib import contextmanager

import psutil
import pytest

from pycturestream.localstack import processes
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.outages import read_outages
from pycturestream.localstack.prometheus import PrometheusServer, is_installed
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.stack import Supervisor, is_running, stop_stack
from pycturestream.localstack.supervision import supervision
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def server(module_settings):
    """A Redis of this module's own, with a supervisor, which reads its environment."""
    redis_of_its_own = RedisServer(module_settings)
    launch(redis_of_its_own)
    launch(Supervisor(module_settings))
    yield redis_of_its_own
    stop_stack(module_settings)


def kill(server):
    record = processes.read_process_record(server.settings.data_folder.resolve(), server.name)
    os.kill(record.pid, signal.SIGKILL)
    psutil.Process(record.pid).wait(10)
    return record.pid


def test_a_server_that_is_killed_comes_back_and_the_outage_is_told(server):
    killed = kill(server)
    assert eventually(server.is_ready)
    record = processes.read_process_record(server.settings.data_folder.resolve(), server.name)
    assert record.pid != killed
    assert eventually(lambda: any("was started again" in line for line in told(server)))


@pytest.mark.slow
def test_a_server_that_keeps_ending_is_started_after_growing_pauses(server):
    for times in (1, 2, 3):
        assert eventually(server.is_ready)
        kill(server)
        assert eventually(lambda times=times: ended(server) >= times)
    assert eventually(lambda: any("ended 3 times" in line for line in told(server)))


@contextmanager
def killed_without_its_port(server):
    """Kill a server; somebody else has its port as long as the block lasts."""
    with held(Supervisor(server.settings)):
        kill(server)
        taken = socket.create_server((server.settings.host, server.settings.ports.redis))
    with taken:
        yield


@pytest.mark.slow
def test_a_port_that_was_taken_meanwhile_is_told_and_tried_again(server):
    port = server.settings.ports.redis
    with killed_without_its_port(server):
        assert eventually(lambda: any(f"port {port} " in line for line in told(server)))
    assert eventually(server.is_ready)


@pytest.mark.skipif(not is_installed(), reason="Prometheus is not installed")
@pytest.mark.slow
def test_a_prometheus_that_fails_again_and_again_keeps_nothing_else_from_coming_back(server):
    prometheus = PrometheusServer(server.settings)
    launch(prometheus)
    with held(Supervisor(server.settings)):
        kill(prometheus)
        taken = socket.create_server((server.settings.host, server.settings.ports.prometheus))
    with taken:
        assert eventually(lambda: any(line.startswith("prometheus: ") for line in told(server)))
        kill(server)
        assert eventually(server.is_ready)
        assert not prometheus.is_ready()
    assert eventually(prometheus.is_ready)


@pytest.mark.slow
def test_down_in_the_midst_of_a_restart_leaves_nothing_running(server):
    with killed_without_its_port(server):
        assert eventually(lambda: ended(server) >= 1)
        stop_stack(server.settings)
    assert not is_running(Supervisor(server.settings))
    assert not eventually(server.is_ready, timeout_s=3)
    assert told(server) == []


def test_without_a_supervisor_a_server_that_ended_is_told_with_the_remedy(server):
    halt(Supervisor(server.settings))
    kill(server)
    [line] = told(server)
    assert line.startswith("redis: not running, and nothing starts it again")
    assert "pycturestream up" in line


def told(server):
    return supervision(server.settings)


def ended(server):
    return max((outage.ended for outage in read_outages(server.settings)), default=0)


@contextmanager
def held(server):
    """Hold a server's process for the block, as a busy machine would."""
    record = processes.read_process_record(server.settings.data_folder.resolve(), server.name)
    process = psutil.Process(record.pid)
    process.suspend()
    try:
        yield
    finally:
        process.resume()
