"""The serving job: writes the log of results to one store. Submitted once per store.

    flink run -d -py jobs/serving.py -- --target redis

(without the `--`, Flink's client would take `--target` as its own option).
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Final, Literal

from pyflink.common import Configuration
from pyflink.table import StatementSet, StreamTableEnvironment

from jobs.environment import Bundles, create_environment
from jobs.kafka_tables import raw_kafka
from jobs.naming import name_operators
from pycturestream.config.settings import Settings, settings
from pycturestream.contracts.topics import (
    DEAD_LETTER_BYTE_LIMIT,
    RECORD_BYTE_LIMIT,
    REJECTED_RESULTS,
    SERVED,
)
from pycturestream.domain.frames.dead_letter import KEY_LIMIT
from pycturestream.log.erasures import FollowedErasures
from pycturestream.stores.batch_writer import Store
from pycturestream.stores.elasticsearch import ElasticsearchStore
from pycturestream.stores.redis import RedisStore
from udfs.write_results import write_results


@dataclass(frozen=True, slots=True)
class Target:
    """A store, and how long a record may wait for others to share its request."""

    open_store: Callable[[Settings], Store]
    wait_ms: Callable[[Settings], int]


TARGETS: Final[Mapping[str, Target]] = {
    "redis": Target(RedisStore, attrgetter("redis_batch_time_ms")),
    "elasticsearch": Target(ElasticsearchStore, attrgetter("elasticsearch_batch_time_ms")),
}
Start = Literal["group-offsets", "earliest-offset"]


def serve(tables: StreamTableEnvironment, log: str, write: Any, rejected: str) -> StatementSet:
    """Write every record of the table `log`; what the store rejects goes to `rejected`."""
    tables.create_temporary_system_function("write", write)
    statements = tables.create_statement_set()
    # What does not fit into a dead letter is cut off.
    statements.add_insert_sql(f"""
        INSERT INTO {rejected}
        SELECT
            CAST(camera_id AS VARBINARY({KEY_LIMIT})),
            CAST(record AS VARBINARY({RECORD_BYTE_LIMIT})),
            MAP['reason', ENCODE(reason, 'UTF-8')]
        FROM (SELECT camera_id, record, write(topic, record) AS reason FROM {log})
        WHERE reason <> ''
    """)  # noqa: S608 - names of our own tables
    return statements


def read_log(tables: StreamTableEnvironment, settings: Settings, group: str, start: Start) -> str:
    """Declare the topics of results as a table and return its name."""
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE read_log (
            camera_id BYTES, record BYTES, topic STRING NOT NULL METADATA VIRTUAL
        ) WITH (
            {raw_kafka(settings, SERVED)},
            'properties.group.id' = '{group}',
            'properties.auto.offset.reset' = 'earliest',
            'scan.startup.mode' = '{start}',
            'key.fields' = 'camera_id'
        )
    """)
    return "read_log"


def dead_letters(tables: StreamTableEnvironment, settings: Settings) -> str:
    """Declare the topic of rejected results as a table and return its name."""
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE write_rejected (
            camera_id BYTES, record BYTES, headers MAP<STRING, BYTES> METADATA
        ) WITH (
            {raw_kafka(settings, [REJECTED_RESULTS])},
            'sink.delivery-guarantee' = 'at-least-once',
            'properties.max.request.size' = '{DEAD_LETTER_BYTE_LIMIT}',
            'key.fields' = 'camera_id'
        )
    """)
    return "write_rejected"


def outage_configuration() -> Configuration:
    """Return the configuration with which the job survives an outage of its store.

    A checkpoint waits for the open bundle, and the bundle for the store.
    """
    configuration = Configuration()
    configuration.set_string("execution.checkpointing.mode", "AT_LEAST_ONCE")
    configuration.set_string("execution.checkpointing.timeout", "1 d")
    configuration.set_string("execution.checkpointing.tolerable-failed-checkpoints", str(2**31 - 1))
    return configuration


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=TARGETS, required=True)
    parser.add_argument(
        "--rebuild", action="store_true", help="write a lost view again, from the whole log"
    )
    arguments = parser.parse_args()
    name = f"serving-{arguments.target}"
    target = TARGETS[arguments.target]
    environment, tables = create_environment(
        settings(),
        Bundles(settings().write_batch_size, target.wait_ms(settings())),
    )
    environment.configure(outage_configuration())
    statements = serve(
        tables,
        log=read_log(
            tables,
            settings(),
            group=f"pycturestream-{name}",
            start="earliest-offset" if arguments.rebuild else "group-offsets",
        ),
        write=write_results(
            partial(target.open_store, settings()), partial(FollowedErasures, settings())
        ),
        rejected=dead_letters(tables, settings()),
    )
    statements.attach_as_datastream()
    name_operators(
        tables, ["read-log", f"write-{arguments.target}", "keep-rejected", "write-rejected"]
    )
    environment.execute(name)


if __name__ == "__main__":
    main()
