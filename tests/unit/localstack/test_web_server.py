"""The pages of the local stack: when they start, as whom, and what stays of them."""

import os
import signal
import socket
from threading import Event

import pytest

from pycturestream.api.tokens import tokens_of
from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError, processes, stack
from pycturestream.localstack.launch import halt
from pycturestream.localstack.server import Server
from pycturestream.localstack.stack import known_servers, servers
from pycturestream.localstack.unprivileged import hand_over
from pycturestream.localstack.web_server import WebServer
from tests.waiting import eventually

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path, port_offset=1_000)


class Needed(Server):
    """Kafka or Redis, as far as others wait for it."""

    ports = {}  # noqa: RUF012 - a property in the base class

    def __init__(self, settings, name):
        self.name = name
        super().__init__(settings)

    def prepare(self):
        pass

    def command(self):
        return []

    def is_ready(self):
        return True


@pytest.fixture
def launched(monkeypatch):
    """The names of what was started, in this order; nothing is really started."""
    launched = []

    def launch(server, *_):
        if server.name == launch.failing:
            raise StackError(f"{server.name} ended while starting")
        launched.append(server.name)

    launch.failing = None
    monkeypatch.setattr(stack, "launch", launch)
    monkeypatch.setattr(stack, "_create_topics", lambda *_: launched.append("topics"))
    launched_by = launch
    return launched, launched_by


def start(settings, reports):
    every = [WebServer(settings), Needed(settings, "redis"), Needed(settings, "kafka")]
    stack._start_all(
        settings,
        every,
        lambda *report: reports.append(report),
        frozenset(),
        None,
        cameras=False,
    )


def test_they_start_after_kafka_with_its_topics_and_redis(settings, launched):
    names, _ = launched
    start(settings, [])
    assert names[-1] == "serve"
    assert set(names[:-1]) == {"kafka", "topics", "redis"}


def test_where_kafka_fails_nothing_is_said_of_them(settings, launched):
    names, launch = launched
    launch.failing = "kafka"
    reports = []
    with pytest.raises(StackError, match="kafka"):
        start(settings, reports)
    assert "serve" not in names
    assert reports == []


def test_where_they_fail_the_others_run(settings, launched):
    names, launch = launched
    launch.failing = "serve"
    reports = []
    start(settings, reports)
    assert {"kafka", "redis"} <= set(names)
    [(name, message)] = reports
    assert name == "serve"
    assert message.startswith("not started, the others do without it: ")


def test_a_port_that_is_taken_is_told_with_its_holder(tmp_path):
    reports = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        offset = {"port_offset": port - Settings().ports.web}
        server = WebServer(Settings(data_folder=tmp_path).model_copy(update=offset))
        stack._try_launch(server, lambda *report: reports.append(report), Event())
    [(_, message)] = reports
    assert f"port {port} (pages) is taken by" in message


class Ending(WebServer):
    """Runs until it is killed."""

    def command(self):
        return ["sleep", "1000"]

    def is_ready(self):
        return True


@pytest.fixture
def start_pages(settings, monkeypatch):
    """Start a stack of the pages alone; return what was started and reported."""
    for name in ("check_machine", "check_memory", "_close_data_folder"):
        monkeypatch.setattr(stack, name, lambda *_: None)
    monkeypatch.setattr(stack, "is_fetched", lambda _: True)
    monkeypatch.setattr(stack, "servers", lambda _: [])
    monkeypatch.setattr(stack, "WebServer", Ending)
    monkeypatch.setattr(Ending, "follows", ())

    def start_pages():
        reports = []
        started = stack.start_servers(settings, lambda *report: reports.append(report), pages=True)
        return started, [message for _, message in reports]

    yield start_pages
    halt(Ending(settings))


def test_after_a_change_of_code_they_are_started_again(start_pages, settings):
    assert start_pages() == (["serve"], ["starting", "ready"])
    assert start_pages() == ([], ["running"])
    (settings.data_folder / "web" / "code").write_text("another")
    started, messages = start_pages()
    assert started == ["serve"]
    assert messages == ["runs other code, is started again", "starting", "ready"]


def test_what_was_started_and_ended_since_is_still_among_the_started(
    start_pages, settings, monkeypatch
):
    def start_and_kill(*arguments, **options):
        start_all(*arguments, **options)
        record = processes.read_process_record(settings.data_folder.resolve(), "serve")
        os.kill(record.pid, signal.SIGKILL)
        assert eventually(lambda: not stack.is_running(Ending(settings)))

    start_all = stack._start_all
    monkeypatch.setattr(stack, "_start_all", start_and_kill)
    assert start_pages()[0] == ["serve"]


def test_only_who_asks_for_them_has_them(settings):
    names = {server.name for server in (*servers(settings), *known_servers(settings))}
    assert "serve" not in names


def test_they_ask_this_machine_for_no_token(settings):
    server = WebServer(settings)
    assert server.command()[-2:] == ["serve", "--open"]
    assert server.live_page == "http://127.0.0.1:9090/live"
    assert not server.is_ready()


def test_tokens_outlive_a_wipe(settings):
    WebServer(settings).prepare()
    tokens_of(settings).create("guard", 0, 1_000)
    stack.wipe(settings)
    assert [token.name for token in tokens_of(settings).all()] == ["guard"]


@as_root
def test_a_token_that_root_makes_is_one_that_they_can_read(settings):
    server = WebServer(settings)
    server.prepare()
    hand_over(server.written)
    tokens_of(settings).create("guard", 0, 1_000)
    file = server.written / "tokens.json"
    assert file.stat().st_uid == server.written.stat().st_uid != 0
    assert file.stat().st_mode & 0o777 == 0o600
