"""The Flink environment that both topologies run in."""

from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from pycturestream.settings import Settings


def create_environment(
    settings: Settings, *, bundle_size: int, bundle_time_ms: int, parallelism: int = 1
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """Return an environment, and the same for tables.

    Their Python operators take bundles of this size, and wait so long for one to fill.
    Everything else (checkpoint storage, restarts, buffers) is the cluster's own configuration,
    in flink-conf/.
    """
    environment = StreamExecutionEnvironment.get_execution_environment()
    environment.set_parallelism(parallelism)
    environment.enable_checkpointing(settings.checkpoint_interval_ms)
    tables = StreamTableEnvironment.create(environment)
    configuration = tables.get_config()
    configuration.set("table.local-time-zone", "UTC")
    # A checkpoint and every result wait for the open bundle: see docs/decisions/0002.
    configuration.set("python.fn-execution.bundle.size", str(bundle_size))
    configuration.set("python.fn-execution.bundle.time", str(bundle_time_ms))
    return environment, tables
