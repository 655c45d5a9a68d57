import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer, configuration
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.redis import RedisServer
from pycturestream.log.create_topics import wanted_topics

LOOPBACK = "127.0.0.1"
TEN_MINUTES_MS = 600_000


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
    command = RedisServer(settings).command()
    assert command[command.index("--bind") + 1] == LOOPBACK


def test_no_two_servers_share_a_port(settings):
    kinds = (KafkaServer, RedisServer, ElasticsearchServer, JobManagerServer, TaskManagerServer)
    ports = [port for kind in kinds for port in kind(settings).ports]
    assert len(ports) == len(set(ports)) == 10


def test_no_picture_outlives_ten_minutes(settings):
    properties = KafkaServer(settings).properties()
    topics = {topic.name: topic.configs for topic in wanted_topics(settings)}
    for name in ("frames", "frames.dead-letter"):
        life = sum(
            int(part)
            for part in (
                topics[name]["retention.ms"],
                topics[name]["segment.ms"],
                properties["log.retention.check.interval.ms"],
                properties["log.segment.delete.delay.ms"],
            )
        )
        assert life <= TEN_MINUTES_MS


def test_every_topic_is_stamped_at_arrival(settings):
    stamps = {topic.configs["message.timestamp.type"] for topic in wanted_topics(settings)}
    assert stamps == {"LogAppendTime"}


def test_a_picture_at_the_limit_fits_the_broker_as_a_dead_letter_too(settings):
    limit = KafkaServer(settings).properties()["message.max.bytes"]
    assert limit >= settings.message_byte_limit + 32_000


def test_cameras_keep_their_newest_settings(settings):
    (cameras,) = (topic for topic in wanted_topics(settings) if topic.name == "cameras")
    assert cameras.configs["cleanup.policy"] == "compact"
    assert cameras.partitions == 1
