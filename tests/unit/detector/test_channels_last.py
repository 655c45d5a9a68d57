"""A small channels-first graph, computed by NumPy on the one side and by the builder."""

import numpy as np
import pytest

from pycturestream.detector.conversion.channels_last import build_channels_last
from pycturestream.detector.conversion.graph_model import GraphModel, GraphModelError, Node

NCHW_TO_NHWC = np.array([0, 2, 3, 1], np.int32)
NHWC_TO_NCHW = np.array([0, 3, 1, 2], np.int32)


def graph_of(nodes, weights):
    constants = [Node(name, "Const", (), {}) for name in weights]
    picture = Node("picture", "Placeholder", (), {"shape": (1, 2, 4, 6)})
    return GraphModel((*constants, picture, *nodes), weights)


def build(graph, pictures, *outputs):
    results = build_channels_last(graph, pictures, outputs, lambda name: graph.weights[name])
    return [np.asarray(result) for result in results]


def channels_first(pictures):
    return pictures.transpose(0, 3, 1, 2)


def channels_last(pictures):
    return pictures.transpose(0, 2, 3, 1)


@pytest.fixture
def pictures():
    """Not square, so that swapped axes show: batch 3, height 4, width 6, 2 channels."""
    return np.random.default_rng(1).normal(size=(3, 4, 6, 2)).astype(np.float32)


def test_padding_before_a_convolution_falls_on_height_and_width(pictures):
    # Given a padding of one row above, two columns left, and a kernel that copies channels
    rows = np.array([[0, 0], [0, 0], [1, 0], [2, 0]], np.int32)
    kernel = np.eye(2, dtype=np.float32).reshape(1, 1, 2, 2)
    graph = graph_of(
        [
            Node("pad", "Pad", ("picture", "rows"), {}),
            Node("nhwc", "Transpose", ("pad", "to_nhwc"), {}),
            Node(
                "conv", "Conv2D", ("nhwc", "kernel"), {"strides": (1, 1, 1, 1), "padding": "VALID"}
            ),
            Node("bias", "Add", ("conv", "shift"), {}),
            Node("nchw", "Transpose", ("bias", "to_nchw"), {}),
        ],
        {
            "rows": rows,
            "kernel": kernel,
            "shift": np.array([10, 20], np.float32),
            "to_nhwc": NCHW_TO_NHWC,
            "to_nchw": NHWC_TO_NCHW,
        },
    )

    [result] = build(graph, pictures, "nchw")

    shift = np.array([10, 20], np.float32)[:, np.newaxis, np.newaxis]
    expected = np.pad(channels_first(pictures), rows) + shift
    np.testing.assert_allclose(channels_first(result), expected, rtol=1e-6)


def test_pooling_pads_with_the_given_value(pictures):
    rows = np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32)
    window = {"ksize": (1, 3, 3, 1), "strides": (1, 1, 1, 1), "padding": "VALID"}
    graph = graph_of(
        [
            Node("pad", "PadV2", ("picture", "rows", "lowest"), {}),
            Node("pool", "MaxPool", ("pad",), window),
        ],
        {"rows": rows, "lowest": np.array(-np.inf, np.float32)},
    )
    below_zero = pictures - 100

    [result] = build(graph, below_zero, "pool")

    padded = np.pad(below_zero, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    np.testing.assert_array_equal(result, windows.max(axis=(-1, -2)))


@pytest.mark.parametrize("axis", [1, 2, 3, -1, -3])
def test_concatenation_and_split_follow_their_axis(pictures, axis):
    length = channels_first(pictures).shape[axis]
    graph = graph_of(
        [
            Node("leaky", "LeakyRelu", ("picture",), {"alpha": 0.1}),
            Node("both", "ConcatV2", ("picture", "leaky", "axis"), {}),
            Node("parts", "SplitV", ("both", "lengths", "axis"), {}),
        ],
        {"axis": np.array(axis), "lengths": np.array([1, 2 * length - 1], np.int32)},
    )

    both, first, second = build(graph, pictures, "both", "parts", "parts:1")

    given = channels_first(pictures)
    expected = np.concatenate([given, np.where(given > 0, given, given * np.float32(0.1))], axis)
    np.testing.assert_allclose(channels_first(both), expected, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([first, second], NHWC_AXIS[axis]), both)


NHWC_AXIS = {1: 3, 2: 1, 3: 2, -1: 2, -3: 3}


def test_resizing_follows_a_canvas_of_another_size():
    # Given an export for 4x6 that doubles the height and halves the width
    attributes = {"half_pixel_centers": True, "align_corners": False}
    graph = graph_of(
        [Node("resize", "ResizeBilinear", ("picture", "size"), attributes)],
        {"size": np.array([8, 3], np.int32)},
    )

    [result] = build(graph, np.ones((1, 12, 30, 2), np.float32), "resize")

    assert result.shape == (1, 24, 15, 2)


def test_an_unknown_operation_is_named(pictures):
    graph = graph_of([Node("odd", "Erf", ("picture",), {})], {})

    with pytest.raises(GraphModelError, match=r"Erf \(odd\)"):
        build(graph, pictures, "odd")
