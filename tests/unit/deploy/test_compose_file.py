"""docker-compose.yml says only what is so: held against the code, the settings and the files."""

import re
import shlex
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from pycturestream.cli.main import application
from pycturestream.config.recipient_file import read_recipient_file
from pycturestream.config.settings import PROJECT_FOLDER, Ports, Settings
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.submit import EMBEDDED_SLOT

FILE = PROJECT_FOLDER / "docker-compose.yml"
TEXT = FILE.read_text("utf-8")
SECRETS = {"ELASTIC_PASSWORD", "FLINK_PASSWORD", "GRAFANA_PASSWORD", "REDIS_PASSWORD"}
PORTS = Ports(0)
OTHER_PORTS = {"grafana": 3000, "prometheus": 9090}


class Strict(BaseModel):
    """The parts of the Compose specification that we use, and no others."""

    model_config = ConfigDict(extra="forbid")


class Build(Strict):
    context: str
    args: dict[str, str] = {}


class Limits(Strict):
    memory: str


class Device(Strict):
    driver: Literal["nvidia"]
    device_ids: list[str]
    capabilities: list[str]


class Reservations(Strict):
    devices: list[Device]


class Resources(Strict):
    limits: Limits
    reservations: Reservations | None = None


class Deploy(Strict):
    resources: Resources
    replicas: int = 1


class Healthcheck(Strict):
    test: list[str]
    interval: str
    timeout: str
    start_period: str = "0s"
    start_interval: str = "5s"


class Condition(Strict):
    condition: Literal["service_healthy", "service_completed_successfully"]


class Aliases(Strict):
    aliases: list[str]


class Logging(Strict):
    driver: Literal["json-file"]
    options: dict[str, str]


class EnvFile(Strict):
    path: str
    required: bool


class Service(Strict):
    image: str
    build: str | Build | None = None
    profiles: list[str] = []
    command: str | list[str] | None = None
    entrypoint: list[str] | None = None
    env_file: list[EnvFile] = []
    environment: dict[str, str | int] = {}
    volumes: list[str] = []
    ports: list[str] = []
    networks: dict[Literal["default"], Aliases] = {}
    deploy: Deploy
    healthcheck: Healthcheck | None = None
    depends_on: dict[str, Condition] = {}
    restart: Literal["unless-stopped", "on-failure:5"]
    init: bool = False
    security_opt: list[str]
    logging: Logging
    stop_grace_period: str = "10s"
    cpu_shares: int = 1_024


class Compose(BaseModel):
    """The file; keys with x- hold what services share."""

    name: str
    services: dict[str, Service]
    volumes: dict[str, None]


def filled(text: str) -> str:
    """Fill in the variables as Compose does: their default, or `secret`."""
    return re.sub(
        r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}",
        lambda match: match[3] if match[2] == "-" else "secret",
        text,
    ).replace("$$", "$")


COMPOSE = Compose.model_validate(YAML(typ="safe").load(filled(TEXT)))
SERVICES = COMPOSE.services


def words(service: Service) -> list[str]:
    """Return the arguments of `pycturestream`, where a service runs it."""
    command = service.command or []
    given = shlex.split(command) if isinstance(command, str) else command
    whole = (service.entrypoint or []) + given
    return whole[1:] if whole and whole[0] == "pycturestream" else []


def test_the_pages_ask_everybody_for_a_token():
    assert "serve" in words(SERVICES["web"])
    assert "--open" not in words(SERVICES["web"])


def megabytes(size: str) -> int:
    match = re.fullmatch(r"(\d+) ?([mg])b?", size)
    assert match, size
    return int(match[1]) * {"m": 1, "g": 1024}[match[2]]


def versions(file: str) -> dict[str, str]:
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+)", (PROJECT_FOLDER / file).read_text(), re.MULTILINE)
    return dict(pins)


def pom(name: str) -> str:
    text = (PROJECT_FOLDER / "pycturestream" / "localstack" / "pom.xml").read_text()
    (version,) = re.findall(rf"<{re.escape(name)}>(.+)</{re.escape(name)}>", text)
    return version


def config(name: str = "config.yaml") -> dict[str, Any]:
    return YAML(typ="safe").load(PROJECT_FOLDER / "flink-conf" / name)


def test_published_ports_are_reached_from_this_machine_only():
    for service in SERVICES.values():
        for port in service.ports:
            assert port.startswith("127.0.0.1:")


def test_published_ports_are_the_ones_that_the_servers_listen_on():
    ports = {name: s.ports for name, s in SERVICES.items() if s.ports}

    assert ports == {
        "flink-login": [f"127.0.0.1:{PORTS.flink}:{PORTS.flink}"],
        "web": [f"127.0.0.1:{PORTS.web}:{PORTS.web}"],
        "prometheus": ["127.0.0.1:{0}:{0}".format(OTHER_PORTS["prometheus"])],
        "grafana": ["127.0.0.1:{0}:{0}".format(OTHER_PORTS["grafana"])],
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_setting_is_one_that_the_system_has(name: str):
    known = {f"PYCTURESTREAM_{field.upper()}" for field in Settings.model_fields}
    given = {key for key in SERVICES[name].environment if key.startswith("PYCTURESTREAM_")}

    assert given <= known


def test_addresses_name_the_services_and_their_ports(monkeypatch: pytest.MonkeyPatch):
    for key, value in SERVICES["setup"].environment.items():
        monkeypatch.setenv(key, str(value))
    settings = Settings()

    assert settings.kafka == f"kafka:{PORTS.kafka}"
    assert settings.redis == f"redis://:secret@redis:{PORTS.redis}/0"
    assert settings.elasticsearch == f"http://elastic:secret@elasticsearch:{PORTS.elasticsearch}"
    assert settings.flink == f"http://jobmanager:{PORTS.flink}"


@pytest.mark.parametrize("name", ["setup", "keeper", "taskmanager", "taskmanager-gpu"])
def test_whatever_runs_jobs_has_the_same_settings(name: str):
    assert SERVICES[name].environment == SERVICES["jobmanager"].environment


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_can_become_what_it_waits_for(name: str):
    for other, wait in SERVICES[name].depends_on.items():
        awaited = SERVICES[other]
        if wait.condition == "service_healthy":
            assert awaited.healthcheck is not None
        else:
            assert awaited.restart == "on-failure:5"
        assert not awaited.profiles


def test_health_is_asked_at_ports_that_the_servers_listen_on():
    tests = {n: " ".join(s.healthcheck.test) for n, s in SERVICES.items() if s.healthcheck}
    asked = {name: re.findall(r"localhost:(\d+)", test) for name, test in tests.items()}

    assert asked == {
        "kafka": [str(PORTS.kafka)],
        "redis": [],
        "elasticsearch": [str(PORTS.elasticsearch)],
        "jobmanager": [str(PORTS.flink)],
        "flink-login": [str(PORTS.flink)],
        "taskmanager": [str(PORTS.taskmanager_metrics)],
        "taskmanager-gpu": [str(PORTS.taskmanager_metrics)],
        "web": [str(PORTS.web)],
        "prometheus": [str(OTHER_PORTS["prometheus"])],
        "grafana": [str(OTHER_PORTS["grafana"])],
    }


def test_the_sample_recipients_are_those_that_it_tells():
    found = read_recipient_file(PROJECT_FOLDER / "samples" / "recipients" / "recipients.yaml", {})

    assert [recipient.name for recipient in found] == ["guard", "facility"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_exists(name: str):
    for volume in SERVICES[name].volumes:
        source, target, *_ = volume.split(":")
        assert target.startswith("/")
        if source.startswith("."):
            assert (PROJECT_FOLDER / source).exists(), source
        else:
            assert source in COMPOSE.volumes


def test_files_of_the_project_are_mounted_to_be_read_only():
    mounts = [volume for s in SERVICES.values() for volume in s.volumes if volume.startswith(".")]

    assert mounts
    assert all(volume.endswith(":ro") for volume in mounts)


def test_the_state_that_must_live_has_volumes():
    kept = {
        volume.split(":")[0]: volume.split(":")[1]
        for s in SERVICES.values()
        for volume in s.volumes
        if not volume.startswith(".")
    }

    assert kept.keys() == COMPOSE.volumes.keys()
    assert kept["kafka"] == SERVICES["kafka"].environment["KAFKA_LOG_DIRS"]
    assert kept["flink"] == "/opt/flink/state"
    assert kept["web"] == SERVICES["web"].environment["PYCTURESTREAM_DATA_FOLDER"]


def flink_properties() -> dict[str, str]:
    lines = str(SERVICES["jobmanager"].environment["FLINK_PROPERTIES"]).splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("key", ["dir", "savepoint-dir"])
def test_checkpoints_and_savepoints_lie_in_the_volume(key: str):
    folder = flink_properties()[f"execution.checkpointing.{key}"]

    assert folder.startswith("file:///opt/flink/state/")


def test_setup_looks_for_checkpoints_where_jobs_write_them():
    folder = flink_properties()["execution.checkpointing.dir"].removeprefix("file://")

    for name in ("setup", "keeper"):
        arguments = words(SERVICES[name])
        assert arguments[arguments.index("--checkpoints") + 1] == folder


@pytest.mark.parametrize("name", [name for name, s in SERVICES.items() if words(s)])
def test_the_command_line_takes_the_commands_that_are_run(name: str):
    command, *arguments = words(SERVICES[name])
    group = typer.main.get_command(application())
    context = group.make_context("pycturestream", [command, *arguments])

    _, found, rest = group.resolve_command(context, [command, *arguments])

    found.make_context(command, rest)  # raises for an option that there is not


def test_kafka_is_configured_as_in_the_local_stack():
    local = {key: str(value) for key, value in KafkaServer(Settings()).properties().items()}
    of_the_place = {
        "broker.listeners",
        "controller.quorum.bootstrap.servers",
        "group.initial.rebalance.delay.ms",  # a comfort for tests
        "listeners",
        "log.cleaner.dedupe.buffer.size",  # a smaller heap
        "log.dirs",
        "offsets.topic.num.partitions",
        "transaction.state.log.num.partitions",
    }
    here = {
        key.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for key, value in SERVICES["kafka"].environment.items()
    }

    same = local.keys() - of_the_place
    assert {key: here.get(key) for key in same} == {key: local[key] for key in same}


def test_versions_are_those_that_the_tests_run_against():
    assert SERVICES["kafka"].image == f"apache/kafka:{pom('kafka.version')}"
    assert SERVICES["elasticsearch"].image.endswith(f":{pom('elasticsearch.version')}")
    client = versions("requirements.txt")["elasticsearch"].split(".")
    assert pom("elasticsearch.version").split(".")[:2] == client[:2]


def test_no_image_is_just_the_latest():
    for service in SERVICES.values():
        _, _, tag = service.image.rpartition(":")
        assert tag not in {"", "latest"}


def test_every_service_has_a_limit_and_bounded_logs():
    for service in SERVICES.values():
        assert megabytes(service.deploy.resources.limits.memory) > 0
        assert {"max-size", "max-file"} <= service.logging.options.keys()
        assert "no-new-privileges:true" in service.security_opt


@pytest.mark.parametrize("server", ["jobmanager", "taskmanager"])
def test_java_fits_into_the_memory_of_its_container(server: str):
    parts = {
        key.removesuffix(".size").removesuffix(".max"): megabytes(value)
        for key, value in config().items()
        if key.startswith(f"{server}.memory.") and key.endswith((".size", ".max"))
    }

    limit = megabytes(SERVICES[server].deploy.resources.limits.memory)
    assert sum(parts.values()) < 0.8 * limit


def test_the_jobs_fit_into_the_slots():
    assert config()["taskmanager.cpu.cores"] == config()["taskmanager.numberOfTaskSlots"]
    cores = config()["taskmanager.cpu.cores"] * SERVICES["taskmanager"].deploy.replicas
    settings = Settings()

    live = settings.detection_parallelism * EMBEDDED_SLOT["cores"]
    serving = len(["redis", "elasticsearch"])
    assert live + serving + settings.replay_parallelism <= cores
    # Not so small that Flink would put a second one beside it rather than beside all others.
    assert EMBEDDED_SLOT["cores"] > serving + settings.replay_parallelism


def test_a_gpu_task_manager_is_built_from_files_that_exist():
    service = SERVICES["taskmanager-gpu"]
    assert isinstance(service.build, Build)

    assert (PROJECT_FOLDER / service.build.args["REQUIREMENTS"]).exists()
    for name in service.build.args["FLINK_CONFIG"].split():
        assert (PROJECT_FOLDER / "flink-conf" / name).exists()


def test_a_gpu_task_manager_has_as_many_devices_as_flink_asks_for():
    reservations = SERVICES["taskmanager-gpu"].deploy.resources.reservations
    assert reservations is not None
    (device,) = reservations.devices

    assert len(device.device_ids) == config("config.gpu.yaml")["external-resource.gpu.amount"]
    assert "utility" in device.capabilities  # nvidia-smi, which Flink's discovery asks


def test_either_kind_of_task_manager_runs_and_never_both():
    profiles = {name: s.profiles for name, s in SERVICES.items() if s.profiles}

    assert profiles == {
        "taskmanager": ["cpu"],
        "taskmanager-gpu": ["gpu"],
        "notify": ["notify"],
    }


def test_prometheus_finds_the_metrics_of_the_cluster():
    scrape = YAML(typ="safe").load(PROJECT_FOLDER / "dashboards" / "prometheus" / "prometheus.yml")[
        "scrape_configs"
    ]
    (flink,) = [entry for entry in scrape if entry["job_name"] == "flink"]
    (names,) = flink["dns_sd_configs"]
    first, _, last = str(config()["metrics.reporter.prom.port"]).partition("-")

    assert set(names["names"]) <= SERVICES.keys()
    assert int(first) <= names["port"] <= int(last or first)
    assert SERVICES["taskmanager-gpu"].networks["default"].aliases == ["taskmanager"]


def test_every_secret_comes_from_the_environment_and_has_no_default():
    given = set(re.findall(r"\$\{(\w*PASSWORD\w*)", TEXT))
    required = set(re.findall(r"\$\{(\w*PASSWORD\w*):\?", TEXT))

    assert required == SECRETS
    # Without one, each service would make its own, and the links in emails would lead nowhere.
    assert TEXT.count("${LINK_SECRET:?") == TEXT.count("${LINK_SECRET") == 2
    # Who sends no email has no such password; its default is none.
    assert given - required == {"SMTP_PASSWORD"}
    assert "${SMTP_PASSWORD:-}" in TEXT


def test_the_example_of_the_environment_names_all_variables_and_no_secret():
    lines = (PROJECT_FOLDER / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    asked = {*re.findall(r"(?<!\$)\$\{(\w+)", TEXT), "COMPOSE_PROFILES"}

    assert example.keys() == asked
    assert {example[name] for name in SECRETS} == {""}
    for name, default in re.findall(r"(?<!\$)\$\{(\w+):-([^}]*)\}", TEXT):
        assert example[name] == default


def test_grafana_finds_what_is_provisioned():
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"].volumes)
    provisioning = Path(PROJECT_FOLDER, "dashboards", "grafana", "provisioning")
    provider = YAML(typ="safe").load(provisioning / "dashboards" / "dashboards.yaml")
    sources = YAML(typ="safe").load(provisioning / "datasources" / "datasources.yaml")
    targets = {target: source for source, target in mounts.items()}

    assert targets["/etc/grafana/provisioning"] == "./dashboards/grafana/provisioning"
    (entry,) = provider["providers"]
    assert targets[entry["options"]["path"]] == "./dashboards/grafana/dashboards"
    home = SERVICES["grafana"].environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (PROJECT_FOLDER / targets[str(Path(str(home)).parent)] / Path(str(home)).name).exists()
    assert {source["url"] for source in sources["datasources"]} == {
        f"http://elasticsearch:{PORTS.elasticsearch}",
        f"http://prometheus:{OTHER_PORTS['prometheus']}",
    }
    wanted = re.findall(r"\$(\w+)", (provisioning / "datasources" / "datasources.yaml").read_text())
    assert set(wanted) <= SERVICES["grafana"].environment.keys()


def test_flinks_web_ui_is_reached_through_the_login_only():
    login = (PROJECT_FOLDER / "flink-conf" / "login.conf").read_text("utf-8")

    assert not SERVICES["jobmanager"].ports
    assert "/etc/nginx/conf.d/default.conf:ro" in SERVICES["flink-login"].volumes[0]
    assert re.findall(r"auth_basic off;", login) == ["auth_basic off;"]
    assert f"proxy_pass http://$jobmanager:{PORTS.flink};" in login
    assert "proxy_set_header Host $http_host;" in login
    assert config()["web.submit.enable"] is False
    assert config()["web.access-control-allow-origin"].endswith(".invalid")
