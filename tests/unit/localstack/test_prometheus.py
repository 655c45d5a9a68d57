import shutil
import socket
import subprocess
from types import SimpleNamespace

import pytest
import typer
from ruamel.yaml import YAML

from pycturestream.cli import status
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.localstack import StackError, processes, stack
from pycturestream.localstack.launch import launch
from pycturestream.localstack.prometheus import PrometheusServer
from pycturestream.localstack.server import Server
from pycturestream.localstack.status import ServerStatus


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path, port_offset=1000, task_managers=3)


def targets(settings, job):
    (config,) = (
        entry
        for entry in PrometheusServer(settings).configuration()["scrape_configs"]
        if entry["job_name"] == job
    )
    return config["static_configs"][0]["targets"]


@pytest.mark.parametrize("installed", [True, False])
def test_it_is_part_of_the_stack_where_it_is_installed(settings, monkeypatch, installed):
    monkeypatch.setattr(stack, "is_installed", lambda: installed)

    names = [server.name for server in stack.servers(settings)]

    assert ("prometheus" in names) is installed


def test_it_scrapes_the_job_manager_and_each_task_manager(settings):
    assert targets(settings, "flink") == [f"127.0.0.1:{n}" for n in (10250, 10249, 10251, 10252)]


def test_it_listens_on_loopback_only_and_not_where_the_one_of_the_system_does(settings):
    assert "--web.listen-address=127.0.0.1:10096" in PrometheusServer(settings).command()
    assert 9090 not in PrometheusServer(Settings()).ports


def test_its_jobs_are_those_of_the_prometheus_of_compose(settings):
    path = PROJECT_FOLDER / "dashboards" / "prometheus" / "prometheus.yml"
    compose = YAML(typ="safe").load(path)
    local = PrometheusServer(settings).configuration()

    def jobs(config):
        return {entry["job_name"] for entry in config["scrape_configs"]}

    assert jobs(compose) == jobs(local)
    assert compose["global"] == local["global"]
    assert compose["rule_files"] == local["rule_files"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_the_configuration(settings):
    server = PrometheusServer(settings)
    server.prepare()

    done = subprocess.run(
        ["promtool", "check", "config", str(server.folder / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "rules found" in done.stdout


class OtherServer(Server):
    """What the stack needs; it runs until it is stopped."""

    name = "other"
    ports = {}  # noqa: RUF012 - a property in the base class

    def prepare(self):
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self):
        return ["sleep", "1000"]

    def is_ready(self):
        return True


class Program(PrometheusServer):
    """Some other program of that name."""

    program: tuple[str, ...]
    start_timeout_s = 0.5

    def command(self):
        return list(self.program)


@pytest.fixture
def start(monkeypatch, settings):
    """Start a stack of one needed server and Prometheus; return the started, and the reports."""
    for name in ("check_machine", "check_memory", "_close_data_folder"):
        monkeypatch.setattr(stack, name, lambda *_: None)
    monkeypatch.setattr(stack, "is_fetched", lambda _: True)
    reports = []

    def start(prometheus):
        monkeypatch.setattr(stack, "servers", lambda _: [OtherServer(settings), prometheus])
        started = stack.start_servers(settings, lambda *report: reports.append(report))
        return started, [message for name, message in reports if name == "prometheus"]

    start.reports = reports
    yield start
    for name in ("other", "prometheus"):
        record = processes.read_process_record(settings.data_folder.resolve(), name)
        if record:
            processes.stop(record, settings.data_folder.resolve())


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (("sh", "-c", "echo 'err: opening storage failed' >&2; exit 1"), "opening storage failed"),
        (("sleep", "1000"), "did not answer"),
        (("/nowhere/prometheus",), "prometheus"),
    ],
    ids=["damaged data", "another program", "no program"],
)
def test_the_stack_starts_without_a_prometheus_that_fails(start, settings, program, said):
    prometheus = Program(settings)
    prometheus.program = program

    started, reports = start(prometheus)

    assert started == ["other"]
    assert stack.is_running(OtherServer(settings))
    assert not stack.is_running(prometheus)
    assert reports[-1].startswith("not started, the others do without it: ")
    assert said in reports[-1]
    assert "\n" not in reports[-1]


def test_the_stack_starts_though_another_program_has_the_port(start, settings):
    with socket.create_server(("127.0.0.1", settings.ports.prometheus)):
        started, reports = start(PrometheusServer(settings))

    assert started == ["other"]
    assert len(reports) == 1
    assert f"port {settings.ports.prometheus} (Prometheus) is taken by" in reports[0]


def test_a_start_that_is_given_up_says_nothing_of_prometheus(start, settings, monkeypatch):
    def fail(_server):
        raise StackError("the other failed")

    monkeypatch.setattr(OtherServer, "prepare", fail)
    hanging = Program(settings)
    hanging.program, hanging.start_timeout_s = ("sleep", "1000"), 60

    with pytest.raises(StackError, match="the other failed"):
        start(hanging)

    assert not stack.is_running(hanging)
    assert not any("not started" in message for _, message in start.reports)


def test_one_whose_program_was_removed_is_still_stopped_and_wiped(settings, monkeypatch):
    running = Program(settings)
    running.program = ("sleep", "1000")
    monkeypatch.setattr(Program, "is_ready", lambda _: True)
    launch(running)
    monkeypatch.setattr(stack, "is_installed", lambda: False)
    monkeypatch.setattr(stack, "_clean_up", lambda *_, **__: None)

    stopped = stack.stop_stack(settings)
    stack.wipe(settings)

    assert stopped
    assert not stack.is_running(running)
    assert not running.folder.exists()


def test_too_little_memory_does_not_matter_where_only_prometheus_is_missing(
    start, settings, monkeypatch
):
    def too_little(_settings):
        raise StackError("too little memory")

    failing = Program(settings)
    failing.program = ("false",)
    start(failing)
    monkeypatch.setattr(stack, "check_memory", too_little)

    started, reports = start(failing)

    assert started == []
    assert reports[-1].startswith("not started")


def test_the_status_is_good_without_it(monkeypatch):
    def one(name, *, healthy, is_optional):
        return ServerStatus(name, 1, 1, healthy, 1, "", is_optional=is_optional)

    jobs = [SimpleNamespace(name="a", state="RUNNING", restarts=0, last_checkpoint_at=0)]
    monkeypatch.setattr(status, "job_statuses", lambda _: jobs)
    shown = [
        one("kafka", healthy=True, is_optional=False),
        one("prometheus", healthy=False, is_optional=True),
    ]
    monkeypatch.setattr(status, "server_statuses", lambda _: shown)
    status.status()

    shown.append(one("redis", healthy=False, is_optional=False))
    with pytest.raises(typer.Exit):
        status.status()
