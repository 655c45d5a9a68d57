"""The layers of CenterFace, compared with sums over windows in NumPy."""

import numpy as np
import pytest

from pycturestream.detector.conversion import centerface_network
from pycturestream.detector.conversion.centerface_network import build_centerface
from pycturestream.detector.conversion.onnx_graph import OnnxError, OnnxGraph, OnnxNode
from pycturestream.detector.saved_model import MIXED
from pycturestream.detector.tensorflow import tf


@pytest.fixture
def random():
    return np.random.default_rng(8)


@pytest.fixture
def in_float32():
    """Compute exactly, whatever arithmetic a model that was loaded before in this process has."""
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options(dict.fromkeys(MIXED.values(), False))
    yield
    tf.config.optimizer.set_experimental_options(
        {name: before.get(name, False) for name in MIXED.values()}
    )


@pytest.fixture
def run(in_float32, monkeypatch):  # noqa: ARG001 - it runs in float32
    """Return a function that runs nodes on a picture, and returns the last one's result."""

    def run(nodes, weights, picture):
        monkeypatch.setattr(centerface_network, "OUTPUTS", {"score": nodes[-1].output})
        module = build_centerface(OnnxGraph(tuple(nodes), weights))
        return np.asarray(module.detect(picture)["score"])

    return run


def convolution(group: int, stride: int) -> OnnxNode:
    attributes = {"group": group, "strides": (stride, stride), "pads": (1, 1, 1, 1)}
    return OnnxNode("Conv", ("picture", "kernel", "bias"), "out", attributes)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution_pads_on_all_four_sides(run, random, stride):
    picture = random.normal(size=(1, 6, 8, 3)).astype(np.float32)
    kernel = random.normal(size=(4, 3, 3, 3)).astype(np.float32)
    bias = random.normal(size=4).astype(np.float32)

    result = run([convolution(1, stride)], {"kernel": kernel, "bias": bias}, picture)

    padded = np.pad(picture, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    expected = np.einsum("byxcij,ocij->byxo", windows, kernel)[:, ::stride, ::stride] + bias
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_a_convolution_by_channels_keeps_them_apart(run, random):
    picture = random.normal(size=(1, 6, 8, 3)).astype(np.float32)
    kernel = random.normal(size=(3, 1, 3, 3)).astype(np.float32)
    bias = np.zeros(3, np.float32)

    result = run([convolution(3, 2)], {"kernel": kernel, "bias": bias}, picture)

    padded = np.pad(picture, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    expected = np.einsum("byxcij,cij->byxc", windows, kernel[:, 0])[:, ::2, ::2]
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_a_doubling_with_its_normalisation_gives_each_pixel_four(run, random):
    picture = random.normal(size=(1, 3, 5, 3)).astype(np.float32)
    kernel = random.normal(size=(3, 4, 2, 2)).astype(np.float32)
    scale, shift, mean = random.normal(size=(3, 4)).astype(np.float32)
    variance = random.uniform(0.5, 2, 4).astype(np.float32)
    doubling = {"kernel_shape": (2, 2), "strides": (2, 2)}
    nodes = [
        OnnxNode("ConvTranspose", ("picture", "kernel"), "doubled", doubling),
        OnnxNode(
            "BatchNormalization",
            ("doubled", "scale", "shift", "mean", "variance"),
            "out",
            {"epsilon": 0.1},
        ),
    ]
    weights = {
        "kernel": kernel, "scale": scale, "shift": shift, "mean": mean, "variance": variance,
    }  # fmt: skip

    result = run(nodes, weights, picture)

    spread = np.einsum("byxc,coij->byixjo", picture, kernel).reshape(1, 6, 10, 4)
    expected = (spread - mean) / np.sqrt(variance + 0.1) * scale + shift
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_an_unknown_layer_is_named():
    graph = OnnxGraph((OnnxNode("Softmax", ("picture",), "out", {}),), {})

    with pytest.raises(OnnxError, match="Softmax"):
        build_centerface(graph).detect(np.zeros((1, 32, 32, 3), np.float32))
