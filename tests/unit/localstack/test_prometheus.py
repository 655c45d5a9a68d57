import shutil
import subprocess

import pytest
from ruamel.yaml import YAML

from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.localstack import stack
from pycturestream.localstack.prometheus import PrometheusServer


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
