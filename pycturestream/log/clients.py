"""The only place that makes clients of Kafka: where the brokers are, and how to log in to them.

What all clients have in common is decided here. What depends on the task of a client, such as its
timeouts, buffers and acknowledgements, is handed in with the names that kafka-python gives it.
"""

from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from pycturestream.config.settings import Settings, SettingsError

API_VERSION: Final = (4, 1)
"""Given, so that an unavailable broker does not stop the start; the newest version that the client
knows, because it steps down to the broker's by itself."""
CONNECTOR_CLASSES: Final = "org.apache.flink.kafka.shaded."
"""Flink's SQL connector brings Kafka's Java client under a package name of its own."""
_LOGIN_MODULES: Final = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}

_COMMON: Final[dict[str, Any]] = {
    # A broker that makes a topic itself gives it the wrong settings: pictures would stay a week.
    "allow_auto_create_topics": False,
    # Nothing reads them.
    "metrics_enabled": False,
}


class Producer(KafkaProducer):  # type: ignore[misc]  # the library has no types
    """A producer that can give up."""

    def abandon(self) -> None:
        """Give up what was not delivered; `close` alone would wait for it without end."""
        self._sender.force_close()


class _Secret(str):
    """A password that the client can use, and that is hidden where the client logs its options."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"


def producer(
    settings: Settings, role: str, *, await_broker: bool = False, **options: Any
) -> Producer:
    """Return a producer, which its user closes.

    The broker knows it as `pycturestream-{role}`. With `await_broker` an unavailable broker raises
    kafka.errors.KafkaError after `bootstrap_timeout_ms`; without it the client connects when it is
    used. Raises SettingsError where the settings of the login are incomplete.
    """
    return Producer(
        **_connection(settings, role),
        **_version(await_broker=await_broker),
        **_COMMON,
        **options,
    )


def consumer(
    settings: Settings, role: str, *topics: str, await_broker: bool = False, **options: Any
) -> KafkaConsumer:
    """Return a consumer of these topics, or of none until it is assigned some; see `producer`.

    It commits offsets only when asked to, and begins where a topic begins.
    """
    return KafkaConsumer(
        *topics,
        **_connection(settings, role),
        **_version(await_broker=await_broker),
        **_COMMON,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **options,
    )


def admin(settings: Settings) -> KafkaAdminClient:
    """Return a client for topics, which its user closes.

    Raises kafka.errors.KafkaError when no broker answers.
    """
    return KafkaAdminClient(**_connection(settings, "admin"))


def flink_properties(settings: Settings) -> dict[str, str]:
    """Return what Kafka's Java client in Flink needs to reach the brokers, by name of property.

    In the options of a Flink table each name begins with `properties.`. Files are read where the
    task managers run.
    """
    properties = {"bootstrap.servers": settings.kafka}
    protocol = settings.kafka_security_protocol
    if protocol != "PLAINTEXT":
        properties["security.protocol"] = protocol
    if _uses_sasl(settings):
        properties["sasl.mechanism"] = settings.kafka_sasl_mechanism
        properties["sasl.jaas.config"] = (
            f"{CONNECTOR_CLASSES}{_LOGIN_MODULES[settings.kafka_sasl_mechanism]} required"
            f" username={_quoted(settings.kafka_sasl_user)}"
            f" password={_quoted(settings.kafka_sasl_password.get_secret_value())};"
        )
    if _uses_own_authority(settings):
        properties["ssl.truststore.type"] = "PEM"
        properties["ssl.truststore.location"] = settings.kafka_ca_file
    return properties


def flink_options(settings: Settings) -> str:
    """Return `flink_properties` as they stand in the WITH clause of a Flink table.

    One option a line, with commas between them and none at the end.
    """
    return ",\n            ".join(
        f"'properties.{name}' = {_sql(value)}" for name, value in flink_properties(settings).items()
    )


def _connection(settings: Settings, role: str) -> dict[str, Any]:
    connection: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "client_id": f"pycturestream-{role}",
        "security_protocol": settings.kafka_security_protocol,
    }
    if _uses_sasl(settings):
        connection["sasl_mechanism"] = settings.kafka_sasl_mechanism
        connection["sasl_plain_username"] = settings.kafka_sasl_user
        connection["sasl_plain_password"] = _Secret(settings.kafka_sasl_password.get_secret_value())
    if _uses_own_authority(settings):
        connection["ssl_cafile"] = settings.kafka_ca_file
    return connection


def _version(*, await_broker: bool) -> dict[str, Any]:
    return {} if await_broker else {"api_version": API_VERSION}


def _uses_sasl(settings: Settings) -> bool:
    """Return whether to log in. Raises SettingsError where the login is incomplete."""
    if settings.kafka_security_protocol not in {"SASL_PLAINTEXT", "SASL_SSL"}:
        return False
    missing = [
        f"PYCTURESTREAM_{name.upper()}"
        for name in ("kafka_sasl_mechanism", "kafka_sasl_user")
        if not getattr(settings, name)
    ]
    if missing:
        raise SettingsError(
            f"PYCTURESTREAM_KAFKA_SECURITY_PROTOCOL={settings.kafka_security_protocol} needs a "
            f"login: set {' and '.join(missing)}"
        )
    return True


def _uses_own_authority(settings: Settings) -> bool:
    return bool(settings.kafka_ca_file) and settings.kafka_security_protocol.endswith("SSL")


def _quoted(text: str) -> str:
    """Return a text as JAAS writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _sql(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
