"""Every number and address that an operator may change, with the reason beside its default.

Values come from the environment as `PYCTURESTREAM_<NAME>`, for example
`PYCTURESTREAM_PORT_OFFSET=1000`. Besides them only secrets are read from the environment: those
that camera sources and recipients name.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import (
    AliasChoices,
    AliasGenerator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pycturestream.domain.narration.sentence import SPOKEN_WITHIN_MS
from pycturestream.errors import ConfigurationError
from pycturestream.public_address import hide_addresses

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/.*)?")
PROJECT_FOLDER = Path(__file__).resolve().parents[2]
TASK_MANAGER_LIMIT = 49
"""Their metrics have the ports up to 9299; the next one is Elasticsearch's."""
FORMER_NAMES = {
    "publish_timeout_ms": "announce_timeout_ms",
    "live_detection_budget_ms": "live_look_budget_ms",
    "alert_restore_ms": "recall_ms",
    "camera_timeout_ms": "camera_patience_ms",
}
"""Settings that had another name, which the environment may still use."""


Arithmetic = Literal["float32", "float16", "bfloat16", "int8"]
"""The numbers that a model computes with."""
Quality = Literal["fast", "balanced", "best"]
"""How thoroughly a model looks at each picture."""
ArithmeticSetting = Literal["auto", "float32", "float16", "bfloat16", "int8"]


class SettingsError(ConfigurationError):
    """A setting has a value that can't be used; the message names it and what is allowed."""


def _variables(name: str) -> tuple[str, ...]:
    """Return the environment variables of a setting; the first that is set counts."""
    names = (name, FORMER_NAMES[name]) if name in FORMER_NAMES else (name,)
    return tuple(f"PYCTURESTREAM_{each.upper()}" for each in names)


class Settings(BaseSettings):
    """Settings of the whole system. Durations carry their unit in the name."""

    model_config = SettingsConfigDict(
        # The aliases hold the prefix too; without it here, HOST would set `host`.
        env_prefix="PYCTURESTREAM_",
        extra="ignore",
        frozen=True,
        alias_generator=AliasGenerator(
            validation_alias=lambda name: AliasChoices(*_variables(name))
        ),
        validate_by_name=True,
    )

    # --- folders and addresses -------------------------------------------------------------------
    data_folder: Path = PROJECT_FOLDER / ".data"
    """Data and logs of the local stack: one folder, ignored by git."""
    download_folder: Path = PROJECT_FOLDER / ".data" / "downloads"
    """Servers and jars, downloaded once. Apart from the data, so that neither deleting the data nor
    a second copy downloads them again."""
    host: str = "127.0.0.1"
    """Servers of the local stack listen here. Loopback only: Redis alone has a password."""
    port_offset: int = Field(default=0, ge=0, le=50_000)
    """Added to every port, so that two copies run side by side (1000 is a good step)."""
    kafka_servers: str = ""
    """Kafka bootstrap servers; empty: the local stack's."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How clients talk to Kafka: SSL encrypts, SASL logs in. The local stack has neither, because
    only this machine reaches it."""
    kafka_sasl_mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = ""
    """How clients log in; needed with a protocol that begins with SASL."""
    kafka_sasl_user: str = ""
    kafka_sasl_password: SecretStr = SecretStr("")
    kafka_ca_file: str = ""
    """PEM file of the certificates that sign the brokers'; empty: those of the system. Flink's task
    managers read it at the same path."""
    redis_address: str = Field(default="", repr=False)
    """redis://:password@host:port/0; empty: the local stack's."""
    elasticsearch_address: str = Field(default="", repr=False)
    """http://host:port; empty: the local stack's."""
    flink_address: str = Field(default="", repr=False)
    """http://host:port of Flink's REST interface and web UI; empty: the local stack's."""

    log_format: Literal["text", "json"] = "text"
    """What services log on the error output: text for people, json for what collects logs."""

    metrics: bool = False
    """Whether `run`, `notify` and `serve` export metrics for Prometheus. Off: who has no Prometheus
    needs no open port."""
    metrics_host: str = ""
    """Where they listen for it; empty: `host`. In a container 0.0.0.0."""

    # --- topics -----------------------------------------------------------------------------
    frame_partitions: int = Field(default=8, ge=1)
    """Partitions of `frames`: the largest parallelism that detection can ever have."""
    frame_retention_ms: int = Field(default=6 * 60_000, ge=1_000)
    """How long a live picture can be read at least. With the segment and check intervals below it
    is gone after eight minutes (`log/retention.py`), and so well within the ten that we promise."""
    frame_segment_ms: int = Field(default=60_000, ge=1_000)
    retention_check_ms: int = Field(default=30_000, ge=1)
    replay_retention_ms: int = Field(default=23 * 3_600_000, ge=1_000)
    """How long history can be read at least; with its segments it is gone within a day."""
    legacy_topic: str = Field(default="pycturestream", pattern="^[A-Za-z0-9._-]{1,249}$")
    """Where the legacy client publishes; it keeps pictures as long as `frames` does."""
    result_retention_ms: int = Field(default=29 * 24 * 3_600_000, ge=1_000)
    """The log of results is kept as long as the search index, so that views can be rebuilt: at
    least 29 days and at most 30."""

    # --- producing --------------------------------------------------------------------------
    frame_byte_budget: int = 100_000
    """A picture is encoded to fit: large enough for 1280x720, small enough to be cheap."""
    message_byte_limit: int = 1_000_000
    """Below Kafka's default of 1 MiB (1,048,576 bytes) with headers and batch overhead."""
    live_delivery_timeout_ms: int = 2_000
    """A live picture that the broker has not acknowledged by then is dropped and counted."""
    live_frames_under_way: int = Field(default=8, ge=1)
    """Live pictures of one camera that the Kafka client holds at once, where none can be withdrawn:
    half a second at 15 per second. The others wait in front of it."""
    live_wait_ms: int = Field(default=500, ge=0)
    """A live picture that has waited for longer is replaced by a newer one, so that what a slow
    broker gets is not stale when the job reads it."""
    frames_in_flight: int = Field(default=64, ge=1)
    """Unacknowledged pictures of one camera: bounds memory (6.4 MB at the budget), and is more than
    the 30 that 15 per second make until they are dropped."""
    default_fps: float = Field(default=2.0, gt=0)
    """For devices, streams and folders without a rate of their own: three such cameras fit on two
    cores."""
    camera_timeout_ms: int = Field(default=5_000, ge=1)
    """A network camera or device without a picture for this long has stalled and is reopened: ten
    pictures at the default rate."""
    reconnect_backoff_ms: int = Field(default=500, ge=1)
    """First wait before a lost camera is tried again; it doubles up to the next."""
    reconnect_backoff_max_ms: int = Field(default=30_000, ge=1)
    legacy_timezone: str = "UTC"
    """The time zone of legacy clients, whose times name none; such as Europe/Vienna."""
    legacy_byte_limit: int = Field(default=1_400_000, ge=1)
    """A larger legacy record is not read: base64 makes the largest message a third larger."""
    bridge_cameras: int = Field(default=256, ge=1)
    """Cameras whose pictures the bridge holds in memory. Clients choose their own names, so the one
    without pictures for longest makes room for a new one."""
    sender: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,47})?$")
    """The name by which the producers of this computer are told from those of others; empty: made
    of the computer's name, its network card and the data folder. A container that is made anew
    has another name each time, unless it is set."""
    sender_token: SecretStr = SecretStr("")
    """Proves that frames are of this computer's producers, for cameras whose settings have the
    `sender_key` that belongs to it; `pycturestream cameras key` makes both. Empty: no proofs."""
    reference_folder: str = ""
    """The folder of pictures that are too large for a record, which then holds a path in it; the
    job reads them there. Empty: there is none, and every reference is rejected."""
    publish_timeout_ms: int = Field(default=10_000, ge=1)
    """How long camera settings may wait for the broker: an operator is waiting for them."""

    # --- admission --------------------------------------------------------------------------
    stale_after_ms: int = 2_000
    """Live pictures older than this are worth nothing to a listener."""
    clock_tolerance_ms: int = 5_000
    """A camera's clock further from the broker's than this is corrected."""
    picture_pixel_limit: int = 40_000_000
    """More than the 33 million of an 8K camera; guards against decompression bombs."""
    reference_byte_limit: int = Field(default=16_000_000, ge=1)
    """A larger picture by reference is rejected before it is read: a 40-megapixel JPEG of good
    quality is smaller."""
    unknown_cameras: Literal["accept", "refuse"] = "accept"
    """What happens to frames of a camera that the topic `cameras` does not name."""
    unknown_camera_limit: int = Field(default=500, ge=0)
    """How many such cameras each detector accepts; the frames of further ones are refused. One that
    was silent for an hour makes room."""
    second_sender: Literal["accept", "refuse"] = "refuse"
    """What happens to frames of another sender than the one that has a camera's id."""
    sender_hold_ms: int = Field(default=30_000, ge=1)
    """How long a sender without frames keeps a camera's id: as long as the longest wait before a
    lost camera is tried again."""
    picture_side_minimum: int = 32
    """Pixels; a smaller picture shows nothing that could be detected."""

    # --- detection --------------------------------------------------------------------------
    model: str = "nanodet"
    """Name of a model in the registry (`pycturestream models list`)."""
    model_folder: Path = PROJECT_FOLDER / "models"
    """The registry: a folder for each model."""
    detection_threads: int = Field(default=0, ge=0)
    """Threads of a live worker's inference; 0: all cores of the machine. A replay's workers take
    one each."""
    detection_arithmetic: ArithmeticSetting = "auto"
    """The numbers that the model computes with; auto: what is fastest on this processor. Where a
    model or a machine can't do it, the next best is used (docs/decisions/0042)."""
    processor_features: str = ""
    """Features of the processor, separated by commas, such as avx2,amx_bf16, that count instead of
    those of /proc/cpuinfo: to try what happens on another one."""
    detection_quality: Quality = "balanced"
    """How thoroughly the model looks: best looks at each picture a second time, at half the size,
    so that large things don't fall into pieces; balanced only where something large may be in
    view; fast never does (docs/decisions/0043)."""
    detection_timeout_ms: int = Field(default=10_000, ge=1)
    """A model that has not answered by then is replaced: a batch of 16 takes about one second."""
    decode_timeout_ms: int = Field(default=1_000, ge=1)
    """Processor time that decoding of a picture may take. The costliest picture that is admitted
    takes 0.6 s, one of 1280x720 takes 5 ms (docs/decisions/0031)."""
    detection_batch_size: int = Field(default=16, ge=1)
    """Pictures of one call of the model."""
    live_bundle_size: int = Field(default=64, ge=1)
    """Live frames that detection chooses from at once; at the largest frame size, 64 MB."""
    live_detection_budget_ms: int = Field(default=300, ge=1)
    """How long detection of the frames chosen from one bundle may take. Frames that arrive
    meanwhile wait for as long again, so that even under overload no result is older than about
    three times this."""
    detect_bundle_time_ms: int = Field(default=10, ge=1)
    """How long a live bundle may wait to be filled. Under load, that is all the time in which the
    next pictures can be handed over, at a millisecond each: with 5 ms, a bundle had three."""
    checkpoint_interval_ms: int = 10_000
    detection_parallelism: int = Field(default=1, ge=1)
    """Detectors of the live job. One with all cores has the lowest latency."""
    task_managers: int = Field(default=1, ge=1, le=TASK_MANAGER_LIMIT)
    """Flink's task managers: one for each detector of the live job. What follows detection runs
    inside them, and two of a job in one of them would wait for each other's interpreter lock."""
    replay_parallelism: int = Field(default=2, ge=1)
    """Detectors of a replay, with one thread and one task slot each: as many as there are cores.
    Together they process more than one detector with all cores does (docs/decisions/0011). A job
    that judges past detections takes as many slots."""

    # --- keyed operators --------------------------------------------------------------------
    count: bool = True
    """Whether the detection job counts. Each operator behind `track` can be switched off."""
    judge: bool = True
    """Whether it applies rules and raises alerts."""
    narrate: bool = True
    """Whether it describes what is in view."""
    unchain: bool = False
    """Whether each operator is a box of its own in Flink's web UI, with its own load and
    backpressure: to look for a bottleneck. It costs about half of the throughput."""
    count_window_ms: int = 60_000
    offline_after_ms: int = 15_000
    """A camera without a picture for this long is reported offline: seven pictures at 0.5 fps."""

    # --- serving ----------------------------------------------------------------------------
    write_batch_size: int = Field(default=500, ge=1)
    """Records in one bulk request; Elasticsearch advises 5 to 15 MB, and records are ~2 kB."""
    redis_batch_time_ms: int = Field(default=2, ge=1)
    """How long a record may wait for others to share its request: subscribers wait for it."""
    elasticsearch_batch_time_ms: int = Field(default=300, ge=1)
    """The same; a search finds a record after up to a second in any case."""
    store_timeout_ms: int = Field(default=10_000, ge=1)
    """A store that has not answered by then is unavailable: a bulk of 500 takes some 100 ms."""
    view_keep_ms: int = 7 * 24 * 3_600_000
    """How long Redis keeps the last records of a camera, and an alert without updates: longer than
    a long weekend."""
    narration_keep_ms: int = 60_000
    """A sentence describes a moment; later it would be wrong."""
    tombstone_keep_ms: int = 3_600_000
    """How long a late record can't reopen a cleared alert: longer than the part of the log that is
    read again after any crash."""
    spoken_within_ms: int = Field(default=SPOKEN_WITHIN_MS, ge=1)
    """`speak` says nothing about an older picture: a walker has gone three steps by then."""
    push_fresh_ms: int = 5_000
    """Records up to this age are pushed to subscribers; a rebuild of the view pushes none."""
    index_retention_days: int = Field(default=30, ge=1)
    """How long Elasticsearch keeps a record at most; whole days are dropped, so it is a day less at
    least."""
    index_replicas: int = 0
    """A single node can't hold a replica; with more nodes: 1."""

    # --- pictures ---------------------------------------------------------------------------
    picture_backlog: int = Field(default=1_000, ge=1)
    """Frames whose pictures wait for the picture service; the oldest give way. Their records take
    10 MB, and more could not be fetched before the log forgets them."""
    live_picture_share: float = Field(default=0.5, ge=0, le=1)
    """Share of one core that live pictures may take while somebody looks: five or six pictures a
    second, most of it in the face model. The cameras that are looked at take turns. 0: none are
    made."""

    # --- archive ----------------------------------------------------------------------------
    archive: str = ""
    """Where pictures are archived of cameras that ask for it: a folder, or s3://bucket/prefix with
    the usual AWS variables for credentials. Empty: `archive` in the data folder. A folder begins
    with / or ~: services and commands run in different folders."""
    archive_retention_ms: int = Field(default=600_000, ge=1)
    """How often pictures are removed that are too old or too many: for that, all are listed."""

    # --- web --------------------------------------------------------------------------------
    web_address: str = ""
    """The address that links in emails begin with, such as https://alerts.example.org; empty:
    emails have no links."""
    link_secret: str = Field(default="", repr=False)
    """Signs the links in emails; a new one invalidates all links that were sent. Empty: one is made
    once, in the data folder. Services that share links must share it."""
    link_life_ms: int = Field(default=7 * 24 * 3_600_000, ge=1)
    """How long a link in an email is valid: after a week off, a recipient can still mark an alert
    as a false alarm."""
    link_silence_ms: int = Field(default=2 * 3_600_000, ge=1)
    """How long a link in an email silences a rule: until the gardeners have gone."""

    # --- seeing aid -------------------------------------------------------------------------
    eye_interval_ms: int = Field(default=500, ge=100)
    """How often a phone is asked to send a picture: who walks has gone half a step."""
    eye_byte_limit: int = Field(default=200_000, ge=1_000, le=900_000)
    """A larger picture of a phone is refused: twice the budget of a camera, below the limit of a
    record."""
    eye_side_limit: int = Field(default=1_280, ge=32)
    """Pixels: phones are asked for pictures that are no longer on either side, and pictures of more
    pixels than a square of it are refused."""
    eye_connection_limit: int = Field(default=500, ge=1)
    """Phones that one `serve` takes at once; a further one is told to come back later. They are
    more than 4,000 people are at their busiest minute, if each uses it for ten minutes a day."""
    eye_idle_ms: int = Field(default=300_000, ge=1_000)
    """A phone that has said nothing for so long is disconnected; it connects again when it needs
    to."""
    eye_answer_ms: int = Field(default=3_000, ge=100)
    """A picture without a result after so long is given up, and the phone sends another: what it
    shows would not be said any more."""

    # --- alert service ----------------------------------------------------------------------
    smtp_host: str = ""
    """The mail server; empty: no email can be sent."""
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    """587 is for submission with STARTTLS, 465 for TLS from the first byte."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """none: unencrypted, without a login; for a relay on the same machine."""
    smtp_user: str = ""
    """Empty: no login."""
    smtp_password: SecretStr = SecretStr("")
    smtp_sender: str = Field(default="pycturestream@localhost", pattern=r"^[^\s<>,@]+@[^\s<>,@]+$")
    """The sender of emails; its domain is part of their message ids."""
    smtp_ca_file: str = ""
    """CA certificates for the mail server, besides those of the system."""
    smtp_timeout_ms: int = Field(default=20_000, ge=1)
    """A mail server that has not answered by then is unavailable: some resolve names first."""
    smtp_exchange_ms: int = Field(default=120_000, ge=1)
    """How long one email may take in all, from the connection to the reply: with a picture of
    200 kB, on a slow line too."""
    webhook_timeout_ms: int = Field(default=10_000, ge=1)
    """How long one webhook may take in all, from the connection to the reply: a receiver only needs
    to store the message."""
    send_backoff_ms: int = Field(default=10_000, ge=1)
    """First wait before a message is tried again; it doubles up to the next."""
    send_backoff_max_ms: int = Field(default=15 * 60_000, ge=1)
    send_patience_ms: int = Field(default=24 * 3_600_000, ge=1)
    """A message that could not be sent for this long is undeliverable: it is kept and shown, and
    sent again only on request."""
    alert_restore_ms: int = Field(default=24 * 3_600_000, ge=0)
    """How far back the alert service reads to restore open alerts when its store is new."""

    @property
    def ports(self) -> "Ports":
        return Ports(self.port_offset)

    @property
    def kafka(self) -> str:
        return self.kafka_servers or f"{self.host}:{self.ports.kafka}"

    @property
    def redis(self) -> str:
        if self.redis_address:
            return self.redis_address
        password = self.local_redis_password
        login = f":{password}@" if password else ""
        return f"redis://{login}{self.host}:{self.ports.redis}/0"

    @property
    def local_redis_password_file(self) -> Path:
        """Where the local stack keeps the password that it made for its Redis."""
        return self.data_folder.resolve() / "redis" / "password"

    @property
    def local_redis_password(self) -> str:
        """The password of the local stack's Redis; empty before its first start."""
        try:
            return self.local_redis_password_file.read_text("ascii").strip()
        except OSError:
            return ""

    @property
    def elasticsearch(self) -> str:
        return self.elasticsearch_address or f"http://{self.host}:{self.ports.elasticsearch}"

    @property
    def flink(self) -> str:
        return self.flink_address or f"http://{self.host}:{self.ports.flink}"

    @field_validator("archive")
    @classmethod
    def _is_place(cls, place: str) -> str:
        """Return where the archive is. Whatever is misspelt would silently be another folder."""
        if not place or _BUCKET.fullmatch(place):
            return place
        if place.startswith(("/", "~")):
            expanded = os.path.normpath(os.path.expanduser(place))  # noqa: PTH111 - never raises
            if expanded.startswith("/"):
                return expanded
        raise PydanticCustomError("archive", "must be a folder from / or ~, or s3://bucket/prefix")

    @property
    def archive_place(self) -> str:
        return self.archive or str(self.data_folder.resolve() / "archive")

    @property
    def web(self) -> str:
        return self.web_address.rstrip("/") or f"http://{self.host}:{self.ports.web}"


DECODE_TIMEOUT_S: float = Settings.model_fields["decode_timeout_ms"].default / 1000
"""The default of the setting, in seconds."""
PICTURE_PIXEL_LIMIT: int = Settings.model_fields["picture_pixel_limit"].default
"""The default of the setting."""


class Ports:
    """The ports of the local stack: the servers' default ports plus one offset."""

    def __init__(self, offset: int) -> None:
        self.kafka = 9092 + offset
        self.kafka_controller = 9093 + offset
        self.redis = 6379 + offset
        self.elasticsearch = 9200 + offset
        self.elasticsearch_transport = 9300 + offset
        self.flink = 8081 + offset
        self.web = 8090 + offset
        self.flink_rpc = 6123 + offset
        self.flink_blob = 6124 + offset
        self.jobmanager_metrics = 9250 + offset
        self.taskmanager_metrics = 9249 + offset
        self.run_metrics = 9244 + offset
        self.notify_metrics = 9245 + offset
        self.serve_metrics = 9246 + offset
        self.pictures_metrics = 9247 + offset
        # Not its default 9090, where a system's own Prometheus listens.
        self.prometheus = 9096 + offset

    def taskmanager_metrics_of(self, number: int) -> int:
        """Return the port of the task manager with this number; they are counted from 1."""
        # The job manager's is between the first one and the second.
        return self.taskmanager_metrics + number - (number == 1)


@cache
def settings() -> Settings:
    """Return the settings of this process, read once.

    Raises SettingsError with one line per wrong value.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{_written_name(str(problem['loc'][0]))}={hide_addresses(str(problem['input']))}: "
            f"{problem['msg']}"
            for problem in error.errors()
        ]
        raise SettingsError("; ".join(lines)) from error


def _written_name(variable: str) -> str:
    """Return the variable that the environment has: pydantic always reports the newest name."""
    (name,) = (each for each in Settings.model_fields if variable in _variables(each))
    given = {each.upper() for each in os.environ}
    return next((each for each in _variables(name) if each in given), variable)
