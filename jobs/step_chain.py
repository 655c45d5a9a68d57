"""The keyed operators of a job, one behind the other, and their way into the log."""

from collections.abc import Sequence
from typing import Any

from pyflink.datastream import DataStream
from pyflink.table import StreamTableEnvironment, Table

from jobs.kafka_tables import create_log
from jobs.keying import key_by_first_field, same_keys
from jobs.naming import name_operators
from pycturestream.config.settings import Settings
from udfs.keyed_step import LOG_RECORD, MESSAGE, KeyedStep

TO_KEYED = ("add-key", "hand-over")
"""What the planner puts between a table and the keyed operators."""
FROM_KEYED = ("collect", "address", "check")
"""And what behind them."""


def define_steps(
    tables: StreamTableEnvironment,
    rows: Table,
    steps: Sequence[KeyedStep[Any]],
    *,
    unchain: bool = False,
) -> DataStream:
    """Define a chain of steps, from rows (camera's key, bytes).

    Rows are partitioned by camera once, in front of the first step. The last step hands
    everything to the log.
    """
    *others, last = steps
    last.is_last = True
    stream = tables.to_data_stream(rows)
    keyed = key_by_first_field(stream)
    for step in others:
        keyed = same_keys(_box(keyed.process(step, MESSAGE), step, unchain=unchain))
    return _box(keyed.process(last, LOG_RECORD), last, unchain=unchain)


def write_log(
    tables: StreamTableEnvironment,
    settings: Settings,
    results: DataStream,
    topics: Sequence[str],
    before: Sequence[str],
    steps: Sequence[KeyedStep[Any]],
) -> None:
    """Write each record to the topic that it names, which must be one of these; name all operators.

    `before` are the names of those in front of the chain, whose steps have names of their own.
    """
    everything = tables.create_statement_set()
    everything.add_insert(create_log(tables, settings, topics), tables.from_data_stream(results))
    everything.attach_as_datastream()
    names = [step.name for step in steps]
    name_operators(tables, (*before, *TO_KEYED, *names, *FROM_KEYED, "write-log"))


def _box(stream: DataStream, step: KeyedStep[Any], *, unchain: bool) -> DataStream:
    """Name an operator; apart from its neighbours if it shall be a box of its own."""
    stream = stream.name(step.name).uid(step.name)
    return stream.disable_chaining() if unchain else stream
