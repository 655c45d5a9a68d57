"""How `main` ends for the families of errors."""

import os
import subprocess
import sys

import elasticsearch
import kafka.errors
import pytest
import redis
import requests
import typer
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig

from pycturestream import errors
from pycturestream.cli import status
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from tests.command_line import command_line

META = ApiResponseMeta(400, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "127.0.0.1", 1))


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        (errors.ConfigurationError, 1),
        (errors.DataError, 1),
        (errors.ServiceError, 1),
        (errors.AccessError, 1),
        (errors.UsageError, 2),
    ],
)
def test_every_error_of_the_tree_is_one_line(run, monkeypatch, family, expected):
    def fail(_settings):
        raise family("the disk is full: delete something")

    monkeypatch.setattr(status, "server_statuses", fail)

    ended = run("status")

    assert ended.status == expected
    assert ended.errors == "error: the disk is full: delete something\n"


def test_any_other_exception_is_a_fault_of_the_program(run, monkeypatch):
    def fail(_settings):
        raise LookupError

    monkeypatch.setattr(status, "server_statuses", fail)

    with pytest.raises(LookupError):
        run("status")


def test_a_reader_that_has_enough_ends_a_command_without_a_word():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "pycturestream.cli.main", "models", "list", "--json"]
    try:
        ended = subprocess.run(
            command, check=False, stdout=writer, stderr=subprocess.PIPE, cwd=PROJECT_FOLDER
        )
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (redis.ConnectionError("refused"), "does not answer"),
        (redis.TimeoutError(), "does not answer"),
        (redis.AuthenticationError("Authentication required."), "Authentication required"),
        (redis.exceptions.BusyLoadingError("is loading"), "is loading"),
        (redis.ResponseError("BUSY a script is running"), "BUSY"),
        (redis.exceptions.NoPermissionError("no permissions"), "no permissions"),
    ],
)
def test_what_redis_answers_is_told_apart_from_no_answer(error, expected):
    settings = Settings(redis_address="redis://:secret@127.0.0.1:1/0")
    with pytest.raises(errors.ServiceError, match=expected) as caught, error_mapping(settings):
        raise error

    assert "Redis at 127.0.0.1:1" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (elasticsearch.ConnectionError("refused"), "Elasticsearch at 127.0.0.1:1 does not answer"),
        (elasticsearch.ConnectionTimeout("slow"), "Elasticsearch at 127.0.0.1:1 does not answer"),
        (elasticsearch.BadRequestError("too large", META, {}), "Elasticsearch rejected the search"),
        (kafka.errors.KafkaConnectionError(), "Kafka at 127.0.0.1:2 does not answer"),
        (kafka.errors.KafkaTimeoutError(), "Kafka at 127.0.0.1:2 does not answer"),
        (TimeoutError(), "Kafka at 127.0.0.1:2 does not answer"),
        (requests.ConnectionError("refused"), "no Flink at http://127.0.0.1:3"),
        (requests.JSONDecodeError("no JSON", "<", 0), "no Flink at http://127.0.0.1:3"),
        (FileNotFoundError(2, "No such file", "pictures"), "pictures"),
    ],
    ids=repr,
)
def test_what_clients_and_the_system_raise_is_one_line_for_people(error, expected):
    settings = Settings(
        elasticsearch_address="http://127.0.0.1:1",
        kafka_servers="127.0.0.1:2",
        flink_address="http://127.0.0.1:3",
    )
    with pytest.raises(errors.ServiceError, match=expected), error_mapping(settings):
        raise error


@pytest.mark.parametrize("error", [LookupError(), errors.UsageError("--run X"), typer.Exit(1)])
def test_what_no_server_caused_is_left_as_it_is(error):
    with pytest.raises(type(error)) as caught, error_mapping(Settings()):
        raise error
    assert caught.value is error


def test_a_reader_that_has_enough_is_no_fault_of_a_store():
    with pytest.raises(BrokenPipeError), error_mapping(Settings()):
        raise BrokenPipeError


@pytest.mark.parametrize("thread", [False, True])
def test_a_fault_of_the_program_tells_no_secret_of_an_address(thread):
    fail = "raise OSError('can not read rtsp://me:hunter2@cam.local/1?pwd=hunter2 now')"
    if thread:
        fail = f"__import__('threading').Thread(target=lambda: exec({fail!r})).start()"
    code = (
        "import sys\n"
        "from pycturestream.cli import main, status\n"
        f"status.server_statuses = lambda _: exec({fail!r}) or []\n"
        "sys.argv = ['pycturestream', 'status', '--json']\n"
        "main.main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT_FOLDER,
    )

    assert "OSError: can not read rtsp://cam.local now" in ended.stderr
    assert "hunter2" not in ended.stderr
