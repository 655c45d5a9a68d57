"""ONNX files, encoded here by hand."""

import numpy as np
import pytest

from pycturestream.detector.conversion.onnx_graph import OnnxError, OnnxNode, read_onnx


def varint(number: int) -> bytes:
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def integer(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def message(field: int, *content: bytes) -> bytes:
    data = b"".join(content)
    return varint(field << 3 | 2) + varint(len(data)) + data


def fixed(field: int, number: float) -> bytes:
    return varint(field << 3 | 5) + np.float32(number).tobytes()


def tensor(name: bytes, kind: int, values: bytes, *sizes: int, field: int = 9) -> bytes:
    dimensions = (integer(1, size) for size in sizes)
    return message(5, *dimensions, integer(2, kind), message(8, name), message(field, values))


CONVOLUTION = message(
    1,
    message(1, b"picture"),
    message(1, b"kernel"),
    message(2, b"300"),
    message(4, b"Conv"),
    message(5, message(1, b"pads"), message(8, varint(1), varint(300))),
    message(5, message(1, b"strides"), integer(8, 2), integer(8, 2)),
    message(5, message(1, b"group"), integer(3, 32)),
    message(5, message(1, b"epsilon"), fixed(2, 0.5)),
)
KERNEL = np.arange(6, dtype="<f4")


@pytest.fixture
def read(tmp_path):
    def read(*graph: bytes):
        file = tmp_path / "network.onnx"
        file.write_bytes(integer(1, 4) + message(7, *graph))
        return read_onnx(file)

    return read


def test_a_node_has_its_inputs_output_and_attributes(read):
    assert read(CONVOLUTION).nodes == (
        OnnxNode(
            "Conv",
            ("picture", "kernel"),
            "300",
            {"pads": (1, 300), "strides": (2, 2), "group": 32, "epsilon": 0.5},
        ),
    )


@pytest.mark.parametrize("field", [4, 9])
def test_weights_are_floats_of_their_shape_in_either_of_two_fields(read, field):
    graph = read(tensor(b"kernel", 1, KERNEL.tobytes(), 2, 3, field=field))

    np.testing.assert_array_equal(graph.weights["kernel"], KERNEL.reshape(2, 3))


def test_other_numbers_than_floats_are_left_out(read):
    assert read(tensor(b"batches", 7, b"12345678", 1)).weights == {}


@pytest.mark.parametrize(
    "data", [b"", b"garbage", message(7, b"\x0a\xff"), message(7, message(1))], ids=str
)
def test_what_is_no_graph_is_rejected(tmp_path, data):
    (tmp_path / "network.onnx").write_bytes(data)

    with pytest.raises(OnnxError, match=r"network\.onnx"):
        read_onnx(tmp_path / "network.onnx")
