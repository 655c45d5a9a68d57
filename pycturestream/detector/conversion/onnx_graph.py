"""Reads the nodes and weights of an ONNX file, without the package of that name.

An ONNX file is one message in the encoding of Protocol Buffers
(https://protobuf.dev/programming-guides/encoding); the numbers of its fields are those of
onnx.proto. Only what a network of plain layers needs is read.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pycturestream.errors import DataError

Weights = NDArray[np.float32]
Value = int | bytes

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
"""Kinds of values."""
_FLOAT = 1
"""The data type of tensors that are read; others count batches, and are of no use."""

_GRAPH = 7
_GRAPH_NODE, _GRAPH_TENSOR = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_OP, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 3, 8
_TENSOR_SIZE, _TENSOR_TYPE, _TENSOR_NAME = 1, 2, 8
_TENSOR_FLOATS, _TENSOR_RAW = 4, 9
"""A tensor has one of them; both are floats of four bytes, one after the other."""


class OnnxError(DataError):
    """The file is not an ONNX graph that this reader understands."""


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """One operation. Inputs are names of outputs, of weights, or of the picture."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]
    """Integers, floats, and tuples of integers."""


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """Nodes in topological order, and the learned values by name."""

    nodes: tuple[OnnxNode, ...]
    weights: Mapping[str, Weights]


def read_onnx(path: Path) -> OnnxGraph:
    """Read the graph of an ONNX file. Raises OnnxError."""
    try:
        [graph] = _values(path.read_bytes(), _GRAPH)
        nodes = tuple(map(_node, _values(graph, _GRAPH_NODE)))
        tensors = map(_tensor, _values(graph, _GRAPH_TENSOR))
        return OnnxGraph(nodes, dict(tensor for tensor in tensors if tensor is not None))
    except OSError as error:
        raise OnnxError(f"{path}: {error.strerror}") from error
    except (ValueError, IndexError, struct.error) as error:
        raise OnnxError(f"{path} is no ONNX file that can be read: {error}") from error


def _node(data: Value) -> OnnxNode:
    [op], [output] = _values(data, _NODE_OP), _values(data, _NODE_OUTPUT)
    return OnnxNode(
        _text(op),
        tuple(map(_text, _values(data, _NODE_INPUT))),
        _text(output),
        dict(map(_attribute, _values(data, _NODE_ATTRIBUTE))),
    )


def _attribute(data: Value) -> tuple[str, Any]:
    [name] = _values(data, _ATTRIBUTE_NAME)
    if integers := _integers(data, _ATTRIBUTE_INTS):
        return _text(name), integers
    if integer := _integers(data, _ATTRIBUTE_INT):
        return _text(name), integer[0]
    [number] = _values(data, _ATTRIBUTE_FLOAT)
    return _text(name), struct.unpack("<f", _bytes(number))[0]


def _tensor(data: Value) -> tuple[str, Weights] | None:
    """Return name and values; None for one that holds other numbers than floats."""
    if _integers(data, _TENSOR_TYPE) != (_FLOAT,):
        return None
    [name] = _values(data, _TENSOR_NAME)
    [values] = _values(data, _TENSOR_RAW) or _values(data, _TENSOR_FLOATS)
    return _text(name), np.frombuffer(_bytes(values), "<f4").reshape(_integers(data, _TENSOR_SIZE))


def _text(value: Value) -> str:
    return _bytes(value).decode()


def _bytes(value: Value) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where bytes are expected")  # noqa: TRY004 - of the file, not ours
    return value


def _integers(data: Value, field: int) -> tuple[int, ...]:
    """Return all integers of a field, which may be packed into one value."""
    found: list[int] = []
    for value in _values(data, field):
        if isinstance(value, int):
            found.append(value)
            continue
        position = 0
        while position < len(value):
            number, position = _varint(value, position)
            found.append(number)
    return tuple(found)


def _values(data: Value, field: int) -> list[Value]:
    return [value for number, value in _fields(_bytes(data)) if number == field]


def _fields(data: bytes) -> Iterator[tuple[int, Value]]:
    """Return number and value of each field of a message. Raises ValueError, IndexError."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            number, position = _varint(data, position)
            yield field, number
            continue
        if kind == _BYTES:
            size, position = _varint(data, position)
        elif kind in {_FIXED32, _FIXED64}:
            size = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"unknown kind of field {kind}")
        if position + size > len(data):
            raise ValueError("it ends too early")
        yield field, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and where the next field begins."""
    number = shift = 0
    while True:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, position
