import os
import subprocess
import sys

import pytest

from pycturestream.config.settings import settings
from pycturestream.localstack.sql_files import TABLES
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setenv("PYCTURESTREAM_REDIS_ADDRESS", "redis://:secret@127.0.0.1:1/0")
    monkeypatch.setenv("PYCTURESTREAM_ELASTICSEARCH_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setenv("PYCTURESTREAM_KAFKA_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("PYCTURESTREAM_FLINK_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setenv("PYCTURESTREAM_STORE_TIMEOUT_MS", "500")
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["latest", "gate"], "Redis"),
        (["watch"], "Redis"),
        (["find"], "Elasticsearch"),
        (["counts"], "Elasticsearch"),
        (["alerts"], "Elasticsearch"),
        (["narrations"], "Elasticsearch"),
        (["explain", "gate_20261121T090000125Z"], "Elasticsearch"),
        (["sql"], "Flink"),
        (["sql", TABLES], "Flink"),
    ],
)
def test_a_store_that_does_not_answer_is_one_line_with_the_remedy(run, words, name):
    ended = run(*words)

    assert ended.status == 1
    assert ended.errors.count("\n") == 1
    assert f"{name} at " in ended.errors
    assert "pycturestream up" in ended.errors
    assert "secret" not in ended.errors


def test_a_listener_is_told_that_redis_is_away(run, tmp_path):
    ended = run("speak", "gate", "--language", "en", "--wav", tmp_path)

    assert ended.status == 1
    assert ended.errors.count("\n") == 1
    assert "Redis at 127.0.0.1:1 does not answer" in ended.errors


@pytest.mark.parametrize("words", [["dead-letters"], ["speak", "gate"]])
def test_kafka_being_away_is_one_line_too(words):
    ended = subprocess.run(  # a process of its own: kafka-python leaves a socket open
        [sys.executable, "-m", "pycturestream.cli.main", *words],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYCTURESTREAM_KAFKA_SERVERS": "127.0.0.1:1",
            "PYCTURESTREAM_STORE_TIMEOUT_MS": "500",
        },
    )

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["find", "--since", "soon"],
        ["counts", "--limit", "0"],
        ["find", "--run", "Last/Night"],
        ["alerts", "--run", "*"],
        ["replay", "--run", "a,b"],
        ["sql", "--json"],
        ["sql", "no-such-file.sql"],
    ],
)
def test_wrong_use_ends_with_status_2(run, words):
    assert run(*words).status == 2
