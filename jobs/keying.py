"""Keys streams by camera, in Java.

PyFlink's own `key_by` takes a Python function, which sends every record through one more Python
worker, with a bundle of its own.
"""

from pyflink.common.typeinfo import TypeInformation, Types
from pyflink.datastream import DataStream, KeyedStream
from pyflink.java_gateway import get_gateway
from pyflink.table import DataTypes, Expression
from pyflink.table.expressions import if_then_else, lit

from pycturestream.domain.frames.admission import NO_CAMERA
from pycturestream.domain.frames.frame import CAMERA_ID


def camera_key(key: Expression) -> Expression:
    """Return the camera id in a record's key (BYTES), by the same rules as `admission.admit`."""
    text = key.cast(DataTypes.STRING())
    named = text.is_not_null & text.regexp(rf"\A(?:{CAMERA_ID.pattern})\z")
    return if_then_else(named, text, lit(NO_CAMERA))


def same_keys(stream: DataStream) -> KeyedStream:
    """Return rows (key, message), which are partitioned already, as messages with that key.

    Nothing is exchanged: the operators before and behind it can form one chain. The rows must come
    from an operator that emits only rows of its current key.
    """
    jvm = get_gateway().jvm
    keyed = jvm.org.apache.flink.streaming.api.datastream.DataStreamUtils.reinterpretAsKeyedStream(
        stream._j_data_stream,  # noqa: SLF001 - PyFlink has no public access
        jvm.KeyByKeySelector(),
        Types.ROW([Types.STRING()]).get_java_type_info(),
    )
    return KeyedStream(keyed, Types.PRIMITIVE_ARRAY(Types.BYTE()), stream)


def key_by_first_field(
    stream: DataStream, key_type: TypeInformation, value_type: TypeInformation
) -> KeyedStream:
    """Return a table's stream of rows (key, value) as a stream of values with that key."""
    java_stream = stream._j_data_stream  # noqa: SLF001 - PyFlink has no public access
    # Python operators after a partitioning take rows of the DataStream type, not of tables.
    rows = Types.ROW([key_type, value_type]).get_java_type_info()
    java_stream.getTransformation().setOutputType(rows)
    keyed = java_stream.keyBy(
        get_gateway().jvm.KeyByKeySelector(), Types.ROW([key_type]).get_java_type_info()
    )
    return KeyedStream(keyed, value_type, stream)
