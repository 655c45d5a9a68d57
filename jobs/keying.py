"""Keys streams by camera, in Java.

PyFlink's own `key_by` takes a Python function, which sends every record through one more Python
worker, with a bundle of its own.
"""

from pyflink.common.typeinfo import Types
from pyflink.datastream import DataStream, KeyedStream
from pyflink.java_gateway import get_gateway
from pyflink.table import DataTypes, Expression
from pyflink.table.expressions import if_then_else, lit

from pycturestream.contracts.codec import SHARED_KEY
from pycturestream.domain.frames.admission import NO_CAMERA
from pycturestream.domain.frames.frame import CAMERA_ID

BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
KEY = Types.ROW([Types.STRING()])
KEY_AND_BYTES = Types.ROW([Types.STRING(), BYTES])


def camera_key(key: Expression) -> Expression:
    """Return the camera id in a record's key (BYTES), by the same rules as `admission.admit`."""
    text = key.cast(DataTypes.STRING())
    named = text.is_not_null & text.regexp(rf"\A(?:{CAMERA_ID.pattern})\z")
    return if_then_else(named, text, lit(NO_CAMERA))


def outcome_key(key: Expression, outcome: Expression) -> Expression:
    """Return the key of an outcome: its record's, or the shared one, as its first byte says."""
    first = outcome.cast(DataTypes.STRING()).left(1)
    shared = first == lit(SHARED_KEY.decode())
    return if_then_else(shared, lit(NO_CAMERA), camera_key(key))


def key_by_first_field(stream: DataStream) -> KeyedStream:
    """Return a table's stream of rows (key, bytes), partitioned by key, as bytes with that key."""
    java_stream = stream._j_data_stream  # noqa: SLF001 - PyFlink has no public access
    # Python operators after a partitioning take rows of the DataStream type, not of tables.
    java_stream.getTransformation().setOutputType(KEY_AND_BYTES.get_java_type_info())
    keyed = java_stream.keyBy(get_gateway().jvm.KeyByKeySelector(), KEY.get_java_type_info())
    return KeyedStream(keyed, BYTES, stream)


def same_keys(stream: DataStream) -> KeyedStream:
    """Return rows (key, bytes), which are partitioned already, as bytes with that key.

    Nothing is exchanged: the operators before and behind it can form one chain. The rows must come
    from an operator that emits only rows of its current key.
    """
    jvm = get_gateway().jvm
    keyed = jvm.org.apache.flink.streaming.api.datastream.DataStreamUtils.reinterpretAsKeyedStream(
        stream._j_data_stream,  # noqa: SLF001 - PyFlink has no public access
        jvm.KeyByKeySelector(),
        KEY.get_java_type_info(),
    )
    return KeyedStream(keyed, BYTES, stream)
