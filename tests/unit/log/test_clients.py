"""How settings become the options of Kafka's clients, in Python and in Flink."""

import logging

import pytest

from jobs.kafka_tables import raw_kafka
from pycturestream.config.settings import Settings, SettingsError
from pycturestream.log import clients
from pycturestream.log.clients import API_VERSION, admin, consumer, flink_properties, producer

PASSWORD = "pass\"wo\\r'd"  # noqa: S105 - of this test
LOGIN = {
    "kafka_sasl_mechanism": "SCRAM-SHA-512",
    "kafka_sasl_user": "stream",
    "kafka_sasl_password": PASSWORD,
}
PLAIN = Settings(kafka_servers="kafka:9092")
SECURE = Settings(
    kafka_servers="one:9093,two:9093",
    kafka_security_protocol="SASL_SSL",
    kafka_ca_file="/etc/ca.pem",
    **LOGIN,
)


class Client:
    """Takes the place of a client of kafka-python, and remembers its options."""

    def __init__(self, *topics, **options):
        self.topics = topics
        self.options = options


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    for name in ("Producer", "KafkaConsumer", "KafkaAdminClient"):
        monkeypatch.setattr(clients, name, Client)


def made(settings):
    """Return one client of each kind."""
    return [producer(settings, "test"), consumer(settings, "test"), admin(settings)]


@pytest.mark.parametrize("client", range(3), ids=["producer", "consumer", "admin"])
def test_without_security_a_client_knows_only_the_servers(client):
    options = made(PLAIN)[client].options
    assert options["bootstrap_servers"] == "kafka:9092"
    assert options["security_protocol"] == "PLAINTEXT"
    assert not [name for name in options if name.startswith(("sasl", "ssl"))]


@pytest.mark.parametrize("client", range(3), ids=["producer", "consumer", "admin"])
def test_every_client_encrypts_and_logs_in(client):
    options = made(SECURE)[client].options
    assert options["bootstrap_servers"] == "one:9093,two:9093"
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert options["sasl_plain_username"] == "stream"
    assert options["sasl_plain_password"] == PASSWORD
    assert options["ssl_cafile"] == "/etc/ca.pem"


def test_without_a_file_of_authorities_those_of_the_system_count():
    settings = Settings(kafka_security_protocol="SSL")
    assert not [name for name in admin(settings).options if name.startswith(("sasl", "ssl"))]
    assert set(flink_properties(settings)) == {"bootstrap.servers", "security.protocol"}


def test_a_client_is_known_to_the_broker_by_its_role():
    assert producer(PLAIN, "bridge").options["client_id"] == "pycturestream-bridge"
    assert consumer(PLAIN, "notify").options["client_id"] == "pycturestream-notify"
    assert admin(PLAIN).options["client_id"] == "pycturestream-admin"


def test_no_client_creates_topics_or_measures():
    for client in made(PLAIN)[:2]:
        assert client.options["allow_auto_create_topics"] is False
        assert client.options["metrics_enabled"] is False


def test_only_a_client_that_awaits_the_broker_asks_for_its_version():
    for make in (producer, consumer):
        assert make(PLAIN, "test").options["api_version"] == API_VERSION
        assert "api_version" not in make(PLAIN, "test", await_broker=True).options


def test_a_consumer_reads_from_the_beginning_and_commits_nothing_by_itself():
    client = consumer(PLAIN, "test", "legacy", group_id="group")
    assert client.topics == ("legacy",)
    assert client.options["group_id"] == "group"
    assert client.options["auto_offset_reset"] == "earliest"
    assert client.options["enable_auto_commit"] is False


def test_the_password_is_hidden_where_options_or_settings_are_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for client in made(SECURE):
        logging.getLogger("kafka").debug("starting with configuration: %s", client.options)
    assert "**********" in caplog.text
    for text in (caplog.text, repr(SECURE), str(SECURE)):
        assert PASSWORD not in text
        assert repr(PASSWORD) not in text


@pytest.mark.parametrize("missing", ["kafka_sasl_mechanism", "kafka_sasl_user"])
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_login_that_is_not_set_is_named(protocol, missing):
    settings = Settings(kafka_security_protocol=protocol, **{**LOGIN, missing: ""})
    for make in (admin, flink_properties):
        with pytest.raises(SettingsError, match=f"set PYCTURESTREAM_{missing.upper()}$"):
            make(settings)


def test_flink_needs_only_the_servers_of_a_broker_without_security():
    assert flink_properties(PLAIN) == {"bootstrap.servers": "kafka:9092"}


def test_flink_encrypts_and_logs_in():
    assert flink_properties(SECURE) == {
        "bootstrap.servers": "one:9093,two:9093",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": (
            "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule"
            ' required username="stream" password="pass\\"wo\\\\r\'d";'
        ),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "/etc/ca.pem",
    }


def test_a_table_of_flink_has_all_properties_as_options_of_sql():
    options = raw_kafka(SECURE, ["frames"])
    for name, value in flink_properties(SECURE).items():
        escaped = value.replace("'", "''")
        assert options.count(f"'properties.{name}' = '{escaped}',") == 1
