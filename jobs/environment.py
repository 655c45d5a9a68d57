"""The Flink environment of all jobs."""

from dataclasses import dataclass
from typing import Literal

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from pycturestream.config.settings import Settings

STATES_CACHED = 20_000
"""In a Python worker: a state that is not cached is requested from the task manager, which takes
as long as several frames. Two for each of 5,000 cameras, and as many again; some 100 MB when all
of them see many objects."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """What Flink passes to Python at once: so many records, or those that came in that time."""

    size: int
    time_ms: int


KEYED_BUNDLES = Bundles(size=500, time_ms=2)
"""Of keyed operators in a process: what they get is small, and its results are needed at once."""
ExecutionMode = Literal["thread", "process"]


def create_environment(
    settings: Settings, bundles: Bundles, *, parallelism: int = 1
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """Return an environment, and its table environment, whose functions get these bundles.

    Everything else (checkpoint storage, restarts, buffers) is configuration of the cluster, in
    flink-conf/.
    """
    environment = StreamExecutionEnvironment.get_execution_environment()
    environment.set_parallelism(parallelism)
    environment.enable_checkpointing(settings.checkpoint_interval_ms)
    tables = StreamTableEnvironment.create(environment)
    tables.get_config().set("table.local-time-zone", "UTC")
    # A checkpoint and every result wait for the open bundle: see docs/decisions/0002.
    for option, value in _options(bundles).items():
        tables.get_config().set(option, value)
    return environment, tables


def set_stream_execution(environment: StreamExecutionEnvironment, mode: ExecutionMode) -> None:
    """Set how Python operators run that are not table functions.

    thread: inside the task manager, where state is near and no record waits for a bundle, but all
    slots of a task manager share one interpreter. process: in a process of their own for each slot.
    """
    configuration = Configuration()
    configuration.set_string("python.execution-mode", mode)
    for option, value in _options(KEYED_BUNDLES).items():
        configuration.set_string(option, value)
    configuration.set_string("python.state.cache-size", str(STATES_CACHED))
    configuration.set_string("python.map-state.read-cache-size", str(STATES_CACHED))
    environment.configure(configuration)


def _options(bundles: Bundles) -> dict[str, str]:
    return {
        "python.fn-execution.bundle.size": str(bundles.size),
        "python.fn-execution.bundle.time": str(bundles.time_ms),
    }
