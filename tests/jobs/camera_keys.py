"""Prints the cameras that Flink finds in keys: JSON of both, the keys as hexadecimal digits."""

import json
import sys

from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment
from pyflink.table.expressions import col

from jobs.keying import camera_key

tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
column = DataTypes.ROW([DataTypes.FIELD("key", DataTypes.BYTES())])
keys = tables.from_elements([(bytearray.fromhex(key),) for key in sys.argv[1:]], column)
with keys.select(col("key"), camera_key(col("key"))).execute().collect() as rows:
    print(json.dumps({bytes(row[0]).hex(): row[1] for row in rows}))
