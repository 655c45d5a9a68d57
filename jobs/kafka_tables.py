"""Kafka as Flink tables: the sources and sinks of the topologies."""

from collections.abc import Sequence

from pyflink.table import StreamTableEnvironment, Table

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.topics import DEAD_LETTER_BYTE_LIMIT
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis
from pycturestream.log.clients import flink_options
from pycturestream.log.reader import READ_MARGIN_MS
from pycturestream.log.results import WRITTEN_WITHIN_MS
from pycturestream.log.retention import kept_at_most_ms

FRAMES_AT_ONCE = 64
"""Frames fetched ahead: 6 MB of pictures. Kafka's default of 500 would be old before use."""


def frames_topic(mode: Mode) -> str:
    """Return the topic that a mode reads: live and history never mix."""
    return topics.FRAMES if mode == "live" else topics.FRAMES_REPLAY


def picture_life_ms(settings: Settings, mode: Mode) -> int:
    """Return how long after its arrival a picture of a mode is gone."""
    return kept_at_most_ms(settings, frames_topic(mode))


def read_frames(tables: StreamTableEnvironment, settings: Settings, mode: Mode) -> Table:
    """Return the records of cameras, unchecked: key and value are bytes."""
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE frames (
            camera_id BYTES,
            picture BYTES,
            headers MAP<STRING NOT NULL, BYTES> METADATA,
            received_at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
            `partition` INT METADATA,
            `offset` BIGINT METADATA
        ) WITH (
            {raw_kafka(settings, [frames_topic(mode)])},
            {_starting("detection", mode)},
            'properties.max.poll.records' = '{FRAMES_AT_ONCE}',
            'key.fields' = 'camera_id'
        )""")
    return tables.from_path("frames")


def read_detections(
    tables: StreamTableEnvironment, settings: Settings, since: Millis, until: Millis
) -> Table:
    """Return the frames of a time in the topic `detections`, unchecked: key and value are bytes.

    Records are found by when the broker received them, so there are some from before and after.
    """
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE detections (camera_id BYTES, record BYTES) WITH (
            {raw_kafka(settings, [topics.DETECTIONS])},
            'scan.startup.mode' = 'timestamp',
            'scan.startup.timestamp-millis' = '{max(0, since - READ_MARGIN_MS)}',
            'scan.bounded.mode' = 'timestamp',
            'scan.bounded.timestamp-millis' = '{until + WRITTEN_WITHIN_MS}',
            'key.fields' = 'camera_id'
        )""")
    return tables.from_path("detections")


def create_log(tables: StreamTableEnvironment, settings: Settings, names: Sequence[str]) -> str:
    """Return the name of a table that writes each row to the topic that the row names."""
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE log (
            `topic` STRING METADATA,
            `key` BYTES,
            `value` BYTES,
            headers MAP<STRING, BYTES> METADATA
        ) WITH (
            {raw_kafka(settings, names)},
            'properties.linger.ms' = '0',
            'properties.max.request.size' = '{DEAD_LETTER_BYTE_LIMIT}',
            'key.fields' = 'key'
        )""")
    return "log"


def raw_kafka(settings: Settings, names: Sequence[str]) -> str:
    """Return the options of a table of these topics, whose keys and values are plain bytes.

    The table adds `key.fields`, the name of the key's column.
    """
    return f"""
            'connector' = 'kafka',
            'topic' = '{";".join(names)}',
            {flink_options(settings)},
            'key.format' = 'raw',
            'value.format' = 'raw',
            'value.fields-include' = 'EXCEPT_KEY'"""


def _starting(group: str, mode: Mode) -> str:
    """Return where to begin: live where it stopped; a replay reads what there is, and ends."""
    if mode == "replay":
        return "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset'"
    return f"""'scan.startup.mode' = 'group-offsets',
            'properties.auto.offset.reset' = 'earliest',
            'properties.group.id' = '{group}'"""
