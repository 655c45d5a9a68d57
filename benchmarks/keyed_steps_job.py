"""What follows detection alone: outcomes of one topic in, results to another one.

    flink run -d -py benchmarks/keyed_steps_job.py -- --outcomes FROM --results TO

It measures the keyed operators at rates that no detector reaches. The key of a result is the
topic that the detection job would write it to.
"""

import argparse

from pyflink.table import StatementSet, StreamTableEnvironment, Table
from pyflink.table.expressions import col

from jobs.detection import keyed_steps
from jobs.environment import KEYED_BUNDLES, create_environment, set_stream_execution
from jobs.kafka_tables import raw_kafka
from jobs.keying import camera_key
from jobs.naming import name_operators
from jobs.step_chain import TO_KEYED, define_steps
from pycturestream.config.settings import Settings, settings
from pycturestream.domain.frames.frame import LIVE


def read_outcomes(tables: StreamTableEnvironment, settings: Settings, topic: str) -> Table:
    """Return rows (camera's key, outcome), from the first one on."""
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE outcomes (camera_id BYTES, outcome BYTES) WITH (
            {raw_kafka(settings, [topic])},
            'scan.startup.mode' = 'earliest-offset',
            'key.fields' = 'camera_id'
        )""")
    outcomes = tables.from_path("outcomes")
    return outcomes.select(camera_key(col("camera_id")), col("outcome"))


def write_results(
    tables: StreamTableEnvironment, settings: Settings, results: Table, topic: str
) -> StatementSet:
    """Write each result, keyed by the topic that the detection job would write it to."""
    tables.create_temporary_view("results", results)
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE written (topic BYTES, record BYTES) WITH (
            {raw_kafka(settings, [topic])},
            'key.fields' = 'topic'
        )""")
    statements = tables.create_statement_set()
    statements.add_insert_sql("""
        INSERT INTO written SELECT ENCODE(topic, 'UTF-8'), `value` FROM results
    """)
    return statements


def submit(settings: Settings, outcomes: str, results: str, parallelism: int) -> None:
    """Connect the workflow and submit it."""
    environment, tables = create_environment(settings, KEYED_BUNDLES, parallelism=parallelism)
    set_stream_execution(environment, "thread")
    steps = keyed_steps(settings, "live", LIVE)
    emitted = define_steps(
        tables, read_outcomes(tables, settings, outcomes), steps, unchain=settings.unchain
    )
    statements = write_results(tables, settings, tables.from_data_stream(emitted), results)
    statements.attach_as_datastream()
    names = [step.name for step in steps]
    name_operators(
        tables, ("read-outcomes", *TO_KEYED, *names, "collect", "address", "write-results")
    )
    environment.execute("keyed-steps")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outcomes", required=True, help="the topic to read")
    parser.add_argument("--results", required=True, help="the topic to write")
    parser.add_argument("--parallelism", type=int, default=1, help="slots, default: 1")
    arguments = parser.parse_args()
    submit(settings(), arguments.outcomes, arguments.results, arguments.parallelism)


if __name__ == "__main__":
    main()
