"""Prints the keys that Flink finds, on the way from a table to the keyed operators, as JSON.

The arguments are keys of records as hexadecimal digits, each with the first letter of its outcome:
`67617465F`.
"""

import json
import sys

from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import DataTypes, StreamTableEnvironment
from pyflink.table.expressions import col

from jobs.keying import outcome_key

tables = StreamTableEnvironment.create(StreamExecutionEnvironment.get_execution_environment())
given = [(text[:-1], text[-1]) for text in sys.argv[1:]]
row = DataTypes.ROW(
    [
        DataTypes.FIELD("key", DataTypes.BYTES()),
        DataTypes.FIELD("outcome", DataTypes.BYTES()),
    ]
)
# Behind its letter an outcome is no text.
rows = [
    (bytearray.fromhex(key), bytearray(first.encode() + b"\xff\x00\xfe")) for key, first in given
]
stream = tables.to_data_stream(tables.from_elements(rows, row))
keys = tables.from_data_stream(stream).select(
    col("key"), outcome_key(col("key"), col("outcome")), col("outcome")
)
with keys.execute().collect() as found:
    print(json.dumps({bytes(key).hex() + chr(outcome[0]): name for key, name, outcome in found}))
