"""CenterFace as one TensorFlow function: pictures in, a score, a size and a place for each square.

The published network has its channels first and a fixed size; here they come last, and batch,
height and width are open.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pycturestream.detector.conversion.onnx_graph import OnnxError, OnnxGraph, OnnxNode
from pycturestream.detector.tensorflow import tf

Tensor = Any

OUTPUTS = {"score": "537", "size": "538", "offset": "539"}
"""What the function returns, and the node of each. Node 540, where eyes, nose and mouth are, is
left out: nobody is to be recognised."""


def build_centerface(graph: OnnxGraph) -> Any:
    """Return a tf.Module whose `detect` is the network for pictures of any size.

    `detect` takes RGB pictures, float32 0..255 [batch, height, width, 3], with sides that are
    multiples of 32, and returns, for squares of 4x4 pixels, [batch, rows, columns, n]:
    score (n = 1; 0..1), size and offset (n = 2: down, across), as the network has them.
    """
    module = tf.Module()

    def detect(pictures: Tensor) -> Mapping[str, Tensor]:
        tensors = _Layers(graph).build(pictures)
        return {name: tf.identity(tensors[node], name) for name, node in OUTPUTS.items()}

    signature = [tf.TensorSpec([None, None, None, 3], tf.float32, "pictures")]
    module.detect = tf.function(detect, input_signature=signature, autograph=False)
    return module


class _Layers:
    """Builds the layers of a graph; each method translates one."""

    def __init__(self, graph: OnnxGraph) -> None:
        self._weights = graph.weights
        self._nodes = graph.nodes
        self._followers = {node.inputs[0]: node for node in graph.nodes}
        self._tensors: dict[str, Tensor] = {}

    def build(self, pictures: Tensor) -> Mapping[str, Tensor]:
        """Return all results by the names of their nodes."""
        self._tensors = {self._nodes[0].inputs[0]: pictures}
        for node in self._nodes:
            self._tensors[node.output] = self._result(node)
        return self._tensors

    def _result(self, node: OnnxNode) -> Tensor:
        first = self._tensors[node.inputs[0]]
        match node.op:
            case "Conv":
                return self._convolution(first, node)
            case "ConvTranspose":
                return self._doubling(first, node)
            case "BatchNormalization":
                return first  # it is in the weights of the doubling before it
            case "Relu":
                return tf.nn.relu(first)
            case "Add":
                return first + self._tensors[node.inputs[1]]
            case "Sigmoid":
                return tf.nn.sigmoid(first)
        raise OnnxError(f"no translation for {node.op}")

    def _convolution(self, pictures: Tensor, node: OnnxNode) -> Tensor:
        kernel = self._weights[node.inputs[1]]
        stride, pad = node.attributes["strides"][0], node.attributes["pads"][0]
        # By itself TensorFlow would pad at the right and below only.
        padding = [[0, 0], [pad, pad], [pad, pad], [0, 0]]
        if node.attributes["group"] == 1:
            result = tf.nn.conv2d(pictures, kernel.transpose(2, 3, 1, 0), stride, padding)
        else:
            # LiteRT has no layer of channels by themselves that is padded like that.
            result = tf.nn.depthwise_conv2d(
                tf.pad(pictures, padding),
                kernel.transpose(2, 3, 0, 1),
                [1, stride, stride, 1],
                "VALID",
            )
        return tf.nn.bias_add(result, self._weights[node.inputs[2]])

    def _doubling(self, pictures: Tensor, node: OnnxNode) -> Tensor:
        """Return pictures of twice the size.

        Each pixel becomes 2x2 of its own, which do not overlap: that is one convolution, whose
        results are laid beside each other. It fits every size, as LiteRT's own layer does not. The
        normalisation that follows is linear, so it moves into the weights.
        """
        if (node.attributes["kernel_shape"], node.attributes["strides"]) != ((2, 2), (2, 2)):
            raise OnnxError("only a doubling of both sides is translated")
        normalisation = self._followers[node.output]
        scale, shift, mean, variance = (self._weights[n] for n in normalisation.inputs[1:5])
        factor = scale / np.sqrt(variance + normalisation.attributes["epsilon"])
        # From [input, output, down, across] to [1, 1, input, all outputs of a pixel of the 2x2].
        kernel = (self._weights[node.inputs[1]] * factor[:, np.newaxis, np.newaxis]).transpose(
            0, 2, 3, 1
        )
        kernel = kernel.reshape(1, 1, kernel.shape[0], -1)
        bias = np.tile(shift - mean * factor, 4)
        spread = tf.nn.bias_add(tf.nn.conv2d(pictures, kernel, 1, "VALID"), bias)
        return tf.nn.depth_to_space(spread, 2)
