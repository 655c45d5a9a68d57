"""The Flink environment that both topologies run in."""

from dataclasses import dataclass

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from pycturestream.config.settings import Settings

STATES_CACHED = 20_000
"""In a Python worker: what is not there is asked of the task manager, at the price of several
looks. Two for each of 5,000 cameras, and as many again; some 100 MB when all see much."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """What Flink hands over to Python at once: so many records, or what came in that time."""

    size: int
    time_ms: int


def create_environment(
    settings: Settings, bundles: Bundles, *, parallelism: int = 1
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """Return an environment, and the same for tables, whose functions get these bundles.

    Everything else (checkpoint storage, restarts, buffers) is the cluster's own configuration,
    in flink-conf/.
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


def set_stream_bundles(environment: StreamExecutionEnvironment, bundles: Bundles) -> None:
    """Give the Python operators that are no table functions bundles of their own."""
    configuration = Configuration()
    for option, value in _options(bundles).items():
        configuration.set_string(option, value)
    configuration.set_string("python.state.cache-size", str(STATES_CACHED))
    configuration.set_string("python.map-state.read-cache-size", str(STATES_CACHED))
    environment.configure(configuration)


def _options(bundles: Bundles) -> dict[str, str]:
    return {
        "python.fn-execution.bundle.size": str(bundles.size),
        "python.fn-execution.bundle.time": str(bundles.time_ms),
    }
