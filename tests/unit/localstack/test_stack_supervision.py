"""What is told of servers that have ended without a supervisor, by what is on record of them."""

import os
import sys

import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack import processes
from pycturestream.localstack.server_names import server_names
from pycturestream.localstack.stack import known_servers
from pycturestream.localstack.supervision import supervision


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path, task_managers=3)


def start(settings, name, *, ends):
    code = "" if ends else "import time; time.sleep(60)"
    folder = settings.data_folder.resolve()
    record = processes.start(
        name, [sys.executable, "-c", code], {}, data_folder=folder, log=folder / f"{name}.log"
    )
    if ends:
        os.waitpid(record.pid, 0)
    return record


@pytest.fixture
def running(settings):
    record = start(settings, "redis", ends=False)
    yield record
    processes.stop(record, settings.data_folder.resolve())


def test_where_nothing_was_started_nothing_is_told(settings):
    assert supervision(settings) == []


def test_servers_without_a_supervisor_are_told(settings, running):  # noqa: ARG001
    [line] = supervision(settings)
    assert line.startswith("no supervisor: not running, and nothing starts it again")


def test_servers_that_have_ended_are_told_by_name(settings, running):  # noqa: ARG001
    start(settings, "taskmanager-2", ends=True)
    start(settings, "elasticsearch", ends=True)
    [line] = supervision(settings)
    assert line.startswith("taskmanager-2, elasticsearch: not running")


def test_the_names_are_those_of_the_servers(settings):
    names = [server.name for server in known_servers(settings)]
    assert [name for name in server_names() if name in names] == names
