"""Ctrl-C at the very end of a start stops what was started, too."""

import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack import stack


@pytest.fixture
def halted(monkeypatch):
    """The names of what was stopped; nothing runs and nothing is really started."""
    halted = []
    for name in ("check_machine", "check_memory", "_close_data_folder", "_start_all"):
        monkeypatch.setattr(stack, name, lambda *_arguments, **_options: None)
    monkeypatch.setattr(stack, "check_free", lambda *_arguments: None)
    monkeypatch.setattr(stack, "is_fetched", lambda _settings: True)
    monkeypatch.setattr(stack, "is_installed", lambda: False)
    monkeypatch.setattr(stack, "halt", lambda server, *_report: bool(halted.append(server.name)))
    return halted


def interrupt(*_arguments, **_options):
    raise KeyboardInterrupt


def start(monkeypatch, tmp_path, running):
    monkeypatch.setattr(stack, "is_running", lambda server: server.name in running)
    with pytest.raises(KeyboardInterrupt):
        stack.start_servers(Settings(data_folder=tmp_path), supervised=True)


def test_while_the_servers_start(monkeypatch, halted, tmp_path):
    monkeypatch.setattr(stack, "_start_all", interrupt)

    start(monkeypatch, tmp_path, running=())

    assert set(halted) >= {"kafka", "jobmanager", "taskmanager", "redis", "elasticsearch"}


def test_while_the_supervisor_starts(monkeypatch, halted, tmp_path):
    running = {"kafka"}  # of before: it stays, and so does its supervisor
    monkeypatch.setattr(stack, "launch", interrupt)

    start(monkeypatch, tmp_path, running)

    assert halted[:2] == ["supervisor", "pictures"]  # of before, at the beginning
    stopped = halted[2:]
    assert set(stopped) == {"cameras", "jobmanager", "taskmanager", "redis", "elasticsearch"}


def test_no_supervisor_is_left_without_a_server(monkeypatch, halted, tmp_path):
    states = iter([False] * 5 + [True] + [False] * 50)
    monkeypatch.setattr(stack, "launch", interrupt)
    monkeypatch.setattr(stack, "is_running", lambda _server: next(states))
    with pytest.raises(KeyboardInterrupt):
        stack.start_servers(Settings(data_folder=tmp_path), supervised=True)

    assert halted[-2:] == ["supervisor", "pictures"]
