"""Submits several jobs from one client.

Flink's planner costs a client ten seconds of one core; the second job in the same client costs
two. Called by stack.submit with the orders as JSON; prints one line a job, after SAID.
"""

import runpy
import sys
import traceback
from typing import Any

import msgspec
from pyflink.datastream import StreamExecutionEnvironment

from stack.client import SAID

create_environment = StreamExecutionEnvironment.get_execution_environment


def main() -> None:
    """Run each job's script as if it were alone, with its own configuration on top of ours."""
    for order in msgspec.json.decode(sys.argv[1]):
        configure_environments(order["configuration"])
        sys.argv = [order["script"], *order["arguments"]]
        outcome = {"name": order["name"], "error": ""}
        try:
            runpy.run_path(order["script"], run_name="__main__")
        except (Exception, SystemExit):  # noqa: BLE001 - told, and the next job's turn
            outcome["error"] = traceback.format_exc()
        print(SAID, msgspec.json.encode(outcome).decode(), flush=True)


def configure_environments(own: dict[str, str]) -> None:
    """Give every environment that is created from here on this configuration.

    `flink run -D` would give it to all jobs of the client.
    """

    def create_own(*arguments: Any) -> StreamExecutionEnvironment:
        environment = create_environment(*arguments)
        configuration = environment._j_stream_execution_environment.getConfiguration()  # noqa: SLF001
        for key, value in own.items():
            configuration.setString(key, value)
        return environment

    StreamExecutionEnvironment.get_execution_environment = staticmethod(create_own)


if __name__ == "__main__":
    main()
