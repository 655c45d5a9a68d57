"""A broker that encrypts and demands a login, reached by all clients with the settings alone."""

import subprocess

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from kafka.errors import KafkaError
from pydantic import SecretStr

from pycturestream.clock import SystemClock
from pycturestream.domain.cameras.camera import Camera
from pycturestream.localstack.fetch import fetch
from pycturestream.localstack.java import java_home
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.log.cameras import known_cameras, publish_cameras
from pycturestream.log.clients import flink_properties
from pycturestream.log.create_topics import create_topics, wanted_topics
from pycturestream.log.reader import connect

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

PASSWORD = "pass\"wo\\rd's"  # noqa: S105 - of this test's broker
QUOTED = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')


class SecureKafkaServer(KafkaServer):
    """A broker whose clients, itself included, encrypt and log in."""

    def properties(self):
        keystore = self.folder / "keystore.pem"
        ports = self.settings.ports
        # In a file of properties a backslash is written twice.
        login = (
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
            f' username="stream" password="{QUOTED}" user_stream="{QUOTED}";'
        ).replace("\\", "\\\\")
        return super().properties() | {
            "listeners": f"SASL_SSL://{self.settings.host}:{ports.kafka},"
            f"CONTROLLER://{self.settings.host}:{ports.kafka_controller}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "SASL_SSL",
            "sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": login,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": keystore,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.settings.kafka_ca_file,
        }

    def prepare(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.settings.kafka_ca_file)
        issued = authority.issue_cert(self.settings.host)
        key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        # The only form of a key that Kafka reads.
        parts = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())]
        parts += [certificate.bytes() for certificate in issued.cert_chain_pems]
        (self.folder / "keystore.pem").write_bytes(b"".join(parts))
        super().prepare()


@pytest.fixture(scope="module")
def secure(module_settings):
    """Yield the settings for a broker that encrypts and demands a login."""
    settings = module_settings.model_copy(
        update={
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_sasl_user": "stream",
            "kafka_sasl_password": SecretStr(PASSWORD),
            "kafka_ca_file": str(module_settings.data_folder / "authority.pem"),
        }
    )
    server = SecureKafkaServer(settings)
    launch(server)
    create_topics(settings)
    yield settings
    halt(server)


def test_settings_are_published_and_read_with_encryption_and_login(secure):
    publish_cameras([Camera("gate")], secure, SystemClock())
    assert set(known_cameras(secure)) == {"gate"}


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_a_client_that_does_not_log_in_gets_no_answer(secure, protocol):
    update = {"kafka_security_protocol": protocol, "store_timeout_ms": 2_000}
    with pytest.raises(KafkaError):
        connect(secure.model_copy(update=update))


LIST_TOPICS = """
import java.io.FileReader;
import java.util.Properties;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.Admin;

class ListTopics {
    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.load(new FileReader(arguments[0]));
        try (Admin admin = Admin.create(properties)) {
            System.out.println(String.join(" ", admin.listTopics().names().get()));
        }
    }
}
"""


def test_the_client_in_flinks_connector_logs_in_with_the_properties_of_its_tables(secure, tmp_path):
    program, properties = tmp_path / "ListTopics.java", tmp_path / "client.properties"
    program.write_text(LIST_TOPICS)
    properties.write_text(
        "\n".join(
            f"{name}={value}".replace("\\", "\\\\")
            for name, value in flink_properties(secure).items()
        )
    )
    libraries = fetch(secure)
    jars = [*libraries.glob("flink/flink-sql-connector-kafka-*.jar"), libraries / "kafka" / "*"]
    done = subprocess.run(
        [java_home() / "bin" / "java", "-cp", ":".join(map(str, jars)), program, properties],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert {topic.name for topic in wanted_topics(secure)} <= set(done.stdout.split()), done.stderr
