"""Submits jobs from one client, as orders arrive.

Loading Flink's planner costs a client ten seconds of one core; a second job in the same client
takes two. Loading happens before the first order is read, while the cluster may still be starting.
A client that waits for the day on which it is needed rehearses: it does all that an order asks for
but the last step, and has loaded then whatever that takes.
Called by `localstack.submit`: one order per line through a pipe, as JSON; one
line per job, after RESULT_PREFIX, on standard output.
"""

import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

import msgspec
from pyflink.datastream import SlotSharingGroup, StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from pycturestream.localstack.client import RESULT_PREFIX

ALL_OPERATORS = "default"
"""The slot sharing group of operators that name none."""

create_environment = StreamExecutionEnvironment.get_execution_environment
execute = StreamExecutionEnvironment.execute


def main() -> None:
    """Submit what is ordered until the pipe closes, or this process is ended."""
    warm_up()
    with Path(sys.argv[1]).open("rb") as orders:
        for line in orders:
            follow(msgspec.json.decode(line))


def follow(order: dict[str, Any]) -> None:
    """Run a job's script as a main program, with its own configuration on top of ours."""
    configure_environments(order["configuration"], order["slot"])
    StreamExecutionEnvironment.execute = plan if order["is_rehearsal"] else execute
    sys.argv = [order["script"], *order["arguments"]]
    outcome = {"name": order["name"], "error": ""}
    try:
        runpy.run_path(order["script"], run_name="__main__")
    except (Exception, SystemExit):  # noqa: BLE001 - reported; the next job follows
        outcome["error"] = traceback.format_exc()
    print(RESULT_PREFIX, msgspec.json.encode(outcome).decode(), flush=True)


def plan(environment: StreamExecutionEnvironment, name: str) -> None:
    """Do what `execute` does before it turns to the cluster."""
    environment._generate_stream_graph(  # noqa: SLF001
        clear_transformations=True, job_name=name
    ).getJobGraph()


def warm_up() -> None:
    """Make Flink load its planner."""
    StreamTableEnvironment.create(create_environment()).explain_sql("SELECT 1")


def configure_environments(own: dict[str, str], slot: dict[str, int] | None) -> None:
    """Apply this configuration to every environment that is created from now on.

    `flink run -D` would apply it to all jobs of the client. `slot` is what each slot of the job
    takes, if not what all others do.
    """

    def create_own(*arguments: Any) -> StreamExecutionEnvironment:
        environment = create_environment(*arguments)
        configuration = environment._j_stream_execution_environment.getConfiguration()  # noqa: SLF001
        for key, value in own.items():
            configuration.setString(key, value)
        if slot:
            group = SlotSharingGroup.builder(ALL_OPERATORS)
            group.set_cpu_cores(float(slot["cores"])).set_task_heap_memory_mb(slot["heap_mb"])
            environment.register_slot_sharing_group(group.build())
        return environment

    StreamExecutionEnvironment.get_execution_environment = staticmethod(create_own)


if __name__ == "__main__":
    main()
