"""A small job to submit: one endless source and one Python operator."""

import sys

from pyflink.common import Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource

environment = StreamExecutionEnvironment.get_execution_environment()
source = NumberSequenceSource(1, 2**62)
ticks = environment.from_source(source, WatermarkStrategy.no_watermarks(), "tick", Types.LONG())


def pause(number: int) -> int:
    import time  # noqa: PLC0415 -- the worker's clock, not the client's

    time.sleep(0.1)
    return number


ticks.map(pause, Types.LONG()).filter(lambda number: number < 0).print()
environment.execute(sys.argv[1])
