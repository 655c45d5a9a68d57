import os
import sysconfig
from pathlib import Path

import pytest

from pycturestream.code_fingerprint import code_fingerprint
from pycturestream.config.settings import PROJECT_FOLDER, TASK_MANAGER_LIMIT, Settings
from pycturestream.contracts.topics import DEAD_LETTER_BYTE_LIMIT
from pycturestream.localstack import stack
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import TaskManagerServer, configuration
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.stack import known_servers, servers
from pycturestream.log.create_topics import wanted_topics

LOOPBACK = "127.0.0.1"


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path, port_offset=1000)


def test_flink_has_this_copys_ports(settings):
    config = configuration(settings)
    assert config["rest.port"] == 9081
    assert config["jobmanager.rpc.port"] == 7123
    assert config["blob.server.port"] == 7124


def test_flink_listens_on_loopback_only(settings):
    config = configuration(settings)
    hosts = ("jobmanager.bind-host", "taskmanager.bind-host", "rest.bind-address")
    assert [config[host] for host in hosts] == [LOOPBACK] * 3


def test_flinks_checkpoints_are_in_the_data_folder(settings, tmp_path):
    folder = configuration(settings)["execution.checkpointing.dir"]
    assert folder == (tmp_path / "flink" / "checkpoints").as_uri()


def test_flinks_checkpoint_interval_is_the_setting(tmp_path):
    config = configuration(Settings(data_folder=tmp_path, checkpoint_interval_ms=1234))
    assert config["execution.checkpointing.interval"] == "1234 ms"


def test_kafka_listens_on_loopback_only(settings):
    listeners = KafkaServer(settings).properties()["listeners"]
    assert listeners == f"PLAINTEXT://{LOOPBACK}:10092,CONTROLLER://{LOOPBACK}:10093"


def test_elasticsearch_listens_on_loopback_only(settings):
    assert ElasticsearchServer(settings).configuration()["network.host"] == LOOPBACK


def test_redis_listens_on_loopback_only(settings):
    assert RedisServer(settings).configuration()["bind"] == LOOPBACK


def test_redis_has_a_password_that_is_in_its_files_and_in_no_argument(settings):
    server = RedisServer(settings)
    assert settings.redis == f"redis://{LOOPBACK}:7379/0"
    server.prepare()
    password = settings.local_redis_password
    assert len(password) >= 32
    assert settings.redis == f"redis://:{password}@{LOOPBACK}:7379/0"
    assert f'requirepass "{password}"' in (server.folder / "redis.conf").read_text()
    assert not any(password in word for word in server.command())
    assert {path.stat().st_mode & 0o077 for path in server.folder.iterdir()} == {0}
    server.prepare()
    assert settings.local_redis_password == password


def test_no_two_servers_share_a_port(settings, monkeypatch):
    monkeypatch.setattr(stack, "is_installed", lambda: True)
    most = settings.model_copy(update={"task_managers": TASK_MANAGER_LIMIT})
    ports = [port for server in servers(most) for port in server.ports]
    assert len(ports) == len(set(ports)) == 10 + TASK_MANAGER_LIMIT


def test_each_task_manager_has_its_own_name_log_and_metrics(settings):
    first, second, third = (TaskManagerServer(settings, number) for number in (1, 2, 3))
    assert [each.name for each in (first, second, third)] == [
        "taskmanager",
        "taskmanager-2",
        "taskmanager-3",
    ]
    assert [list(each.ports) for each in (first, second, third)] == [[10249], [10251], [10252]]
    assert second.log.name == "taskmanager-2.log"
    assert "-Dmetrics.reporter.prom.port=10251" in second.command()
    assert "-Dtaskmanager.resource-id=taskmanager-2" in second.command()


def test_there_are_as_many_task_managers_as_the_settings_ask_for(settings):
    three = settings.model_copy(update={"task_managers": 3})
    names = {server.name for server in servers(three)} - {
        server.name for server in servers(settings)
    }
    assert names == {"taskmanager-2", "taskmanager-3"}


def test_a_task_manager_that_the_settings_no_longer_ask_for_is_still_known(settings, tmp_path):
    record = tmp_path / "run" / "taskmanager-3.json"
    record.parent.mkdir()
    record.write_text('{"name": "taskmanager-3", "pid": 0, "created": 0.0, "log": "log"}')
    assert {server.name for server in known_servers(settings)} == {
        *(server.name for server in servers(settings)),
        "taskmanager-3",
    }


def test_a_task_manager_finds_the_project_and_its_packages(settings, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/own")
    environment = TaskManagerServer(settings).environment()
    assert environment["PYTHONPATH"].split(os.pathsep) == [
        str(PROJECT_FOLDER),
        sysconfig.get_path("purelib"),
        "/own",
    ]
    first, _ = environment["PATH"].split(os.pathsep, maxsplit=1)
    assert (Path(first) / "python3").exists()
    assert "FLINK_HOME" in environment


def test_a_task_manager_has_old_code_unless_it_was_started_with_this(settings, tmp_path):
    server = TaskManagerServer(settings)
    code = tmp_path / "flink" / "taskmanager.code"
    assert server.has_old_code
    code.parent.mkdir()
    code.write_text(code_fingerprint())
    assert not server.has_old_code
    code.write_text("0123456789abcdef")
    assert server.has_old_code


def test_every_topic_is_stamped_at_arrival(settings):
    stamps = {topic.configs["message.timestamp.type"] for topic in wanted_topics(settings)}
    assert stamps == {"LogAppendTime"}


def test_a_picture_at_the_limit_fits_the_broker_as_a_dead_letter_too(settings):
    limit = KafkaServer(settings).properties()["message.max.bytes"]
    assert limit >= settings.message_byte_limit + 32_000


def test_the_broker_unpacks_what_comes_and_compares_it_with_the_limit_of_its_topic(settings):
    for topic in wanted_topics(settings):
        assert topic.configs["compression.type"] == "uncompressed"
        assert int(topic.configs["max.message.bytes"]) <= DEAD_LETTER_BYTE_LIMIT


def test_cameras_keep_their_newest_settings(settings):
    (cameras,) = (topic for topic in wanted_topics(settings) if topic.name == "cameras")
    assert cameras.configs["cleanup.policy"] == "compact"
    assert cameras.partitions == 1
