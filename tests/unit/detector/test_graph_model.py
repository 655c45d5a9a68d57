import base64
import json

import numpy as np
import pytest

from pycturestream.detector.conversion.graph_model import GraphModelError, read_graph_model


def text(value):
    return {"s": base64.b64encode(value.encode()).decode()}


def write(folder, weights, shards, nodes=()):
    for number, shard in enumerate(shards):
        (folder / f"shard{number}.bin").write_bytes(shard)
    paths = [f"shard{number}.bin" for number in range(len(shards))]
    document = {
        "modelTopology": {"node": list(nodes)},
        "weightsManifest": [{"paths": paths, "weights": weights}],
    }
    path = folder / "model.json"
    path.write_text(json.dumps(document))
    return path


def test_nodes_keep_their_order_inputs_and_plain_attributes(tmp_path):
    nodes = [
        {"name": "picture", "op": "Placeholder", "attr": {
            "shape": {"shape": {"dim": [{"size": "1"}, {}, {"size": "416"}]}}}},
        {"name": "bare", "op": "Const"},
        {"name": "conv", "op": "Conv2D", "input": ["picture", "bare:1"], "attr": {
            "strides": {"list": {"i": ["1", "2", "2", "1"]}},
            "explicit_paddings": {"list": {}},
            "padding": text("VALID"),
            "bytes": {"s": list(b"SAME")},
            "alpha": {"f": 0.1},
            "cudnn": {"b": True},
        }},
    ]  # fmt: skip

    graph = read_graph_model(write(tmp_path, [], [], nodes))

    assert [node.name for node in graph.nodes] == ["picture", "bare", "conv"]
    assert graph.nodes[0].attributes == {"shape": (1, 0, 416)}
    assert graph.nodes[1].inputs == ()
    assert graph.nodes[2].inputs == ("picture", "bare:1")
    assert graph.nodes[2].attributes == {
        "strides": (1, 2, 2, 1),
        "explicit_paddings": (),
        "padding": "VALID",
        "bytes": "SAME",
        "alpha": 0.1,
        "cudnn": True,
    }


def test_weights_run_across_shards_and_are_dequantised(tmp_path):
    plain = np.array([[1, -2, 3], [4, 5, 6]], np.int32)
    half = np.array([0.5, -1.25], np.float16)
    byte = np.array([0, 255], np.uint8)
    blob = plain.tobytes() + half.tobytes() + byte.tobytes()
    weights = [
        {"name": "plain", "shape": [2, 3], "dtype": "int32"},
        {"name": "half", "shape": [2], "dtype": "float32",
         "quantization": {"dtype": "float16", "original_dtype": "float32"}},
        {"name": "byte", "shape": [2], "dtype": "float32",
         "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}},
    ]  # fmt: skip

    graph = read_graph_model(write(tmp_path, weights, [blob[:7], blob[7:]]))

    np.testing.assert_array_equal(graph.weights["plain"], plain)
    np.testing.assert_array_equal(graph.weights["half"], half)
    np.testing.assert_array_equal(graph.weights["byte"], np.array([-1, 126.5], np.float32))
    assert graph.weights["byte"].dtype == np.float32


@pytest.mark.parametrize(("size", "message"), [(7, "end before w"), (9, "1 bytes follow")])
def test_weights_of_the_wrong_length_are_rejected(tmp_path, size, message):
    weights = [{"name": "w", "shape": [2], "dtype": "float32"}]
    path = write(tmp_path, weights, [b"\0" * size])

    with pytest.raises(GraphModelError, match=message):
        read_graph_model(path)


def test_a_missing_shard_is_named(tmp_path):
    path = write(tmp_path, [], [b""])
    (tmp_path / "shard0.bin").unlink()

    with pytest.raises(GraphModelError, match=r"shard0\.bin"):
        read_graph_model(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"modelTopology": {"node": [{"op": 1}]}}'])
def test_other_files_are_rejected(tmp_path, content):
    path = tmp_path / "model.json"
    path.write_text(content)

    with pytest.raises(GraphModelError, match=r"model\.json"):
        read_graph_model(path)


def test_only_nodes_that_the_outputs_need_are_returned(tmp_path):
    nodes = [
        {"name": "a", "op": "Placeholder"},
        {"name": "b", "op": "Relu", "input": ["a"]},
        {"name": "aside", "op": "Relu", "input": ["a"]},
        {"name": "c", "op": "Split", "input": ["b:1"]},
    ]
    graph = read_graph_model(write(tmp_path, [], [], nodes))

    assert [node.name for node in graph.leading_to(["c:1"])] == ["a", "b", "c"]
    with pytest.raises(GraphModelError, match="no node d"):
        graph.leading_to(["d"])
