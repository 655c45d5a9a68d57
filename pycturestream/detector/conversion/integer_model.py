"""NanoDet-g in int8, as LiteRT runs it: pictures in, raw grids out.

The network is the same, but some of its operations are exchanged for equal ones, since integers
have few values and a canvas may have any size:

- The padding with minus infinity before the pool would take the whole range of values. The first
  row and column repeated change no maximum.
- Resizing to a fixed size would bind the file to one canvas. Half the size is the mean of four
  pixels, twice the size is four small convolutions, whose results are laid beside each other.
- A head's last convolution gives scores and sides, which differ in range: it is split in two. What
  follows it (the sigmoid, the boxes) is computed from the few cells that matter: `grid_boxes`.
"""

from collections.abc import Iterable
from itertools import chain, product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.canvas import Canvas
from pycturestream.detector.conversion.channels_last import Builder, Padded
from pycturestream.detector.conversion.graph_model import GraphModel, GraphModelError, Node
from pycturestream.detector.conversion.nanodet_network import (
    SCORES,
    SIDES,
    centred,
    kernels,
)
from pycturestream.detector.letterbox import Picture, letterbox
from pycturestream.detector.registry import ModelError
from pycturestream.detector.tensorflow import tf

Tensor = Any

CLIPS = tuple(
    PROJECT_FOLDER / "samples" / name
    for name in (
        *("plaza.mp4", "gate.mp4", "street.mp4"),
        *("alerts/car-park.mp4", "alerts/office.mp4", "alerts/table.mp4"),
    )
)
PICTURES_PER_CLIP = 20
"""120 together: what the network computes for them decides the scales of all its integers."""
NEAR, FAR = 0.75, 0.25
"""What the nearer and the farther of two pixels weigh in one between them, at twice the size."""


def convert_to_integers(graph: GraphModel, canvas: Canvas, clips: Iterable[Path] = CLIPS) -> bytes:
    """Return the content of int8.tflite, with scales for what the clips show.

    It takes one RGB picture, uint8, of any size whose sides are multiples of 32; it returns the
    raw scores and sides of each grid, int8. Raises ModelError if a clip can't be read.
    """
    pictures = list(chain.from_iterable(_pictures(clip, canvas) for clip in clips))
    module = tf.Module()

    def detect(pictures: Tensor) -> list[Tensor]:
        weight = kernels(graph.weights)
        return _IntegerBuilder(graph, centred(pictures), weight).build((*SCORES, *SIDES))

    spec = tf.TensorSpec([1, canvas.height, canvas.width, 3], tf.float32, "pictures")
    module.detect = tf.function(detect, input_signature=[spec], autograph=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.detect.get_concrete_function()], module
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [picture[np.newaxis].astype(np.float32)] for picture in pictures
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def _pictures(clip: Path, canvas: Canvas) -> Iterable[Picture]:
    """Return pictures of the whole clip, at equal distances."""
    capture = cv2.VideoCapture(str(clip))
    frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    for number in range(PICTURES_PER_CLIP):
        capture.set(cv2.CAP_PROP_POS_FRAMES, int((number + 0.5) * frames / PICTURES_PER_CLIP))
        is_read, pixels = capture.read()
        if not is_read:
            raise ModelError(f"{clip} can't be read: its pictures decide the scales of int8")
        yield letterbox(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), canvas).canvas


class _IntegerBuilder(Builder):
    """Builds for pictures of a fixed size; the converted network can then be fitted to others."""

    def convolution(self, node: Node) -> Tensor:
        padded = self._tensor(node.inputs[0])
        if not isinstance(padded, Padded):
            return super().convolution(node)
        strides, kernel = node.attributes["strides"], self._weight(node.inputs[1])
        if tuple(strides) == (1, 1, 1, 1):
            # Where the kernel is 3x3 this is one pixel all around, and needs no padding of its own.
            return tf.nn.conv2d(padded.pictures, kernel, strides, "SAME")
        return tf.nn.conv2d(tf.pad(padded.pictures, padded.rows), kernel, strides, "VALID")

    def pad(self, node: Node) -> Tensor:
        if not np.isneginf(self._constant(node, 2)) and self._constant(node, 2) > LOWEST_HALF:
            raise GraphModelError(f"only padding for a pool is translated ({node.name})")
        return _repeat_first(self._tensor(node.inputs[0]))

    def resize(self, node: Node) -> Tensor:
        pictures = self._tensor(node.inputs[0])
        ratio = self._share(node) * self._pictures.shape[1] / pictures.shape[1]
        if ratio == 0.5:
            return tf.nn.avg_pool2d(pictures, 2, 2, "VALID")
        if ratio == 2:
            return _double(pictures)
        raise GraphModelError(f"only resizing by two is translated ({node.name})")

    def split(self, node: Node) -> tuple[Tensor, ...]:
        nodes = {each.name: each for each in self._graph.nodes}
        bias = nodes[nodes[node.inputs[0]].inputs[0]]
        convolution = nodes[bias.inputs[0]]
        pictures = self._tensor(convolution.inputs[0])
        kernel, shift = self._weight(convolution.inputs[1]), self._weight(bias.inputs[1])
        ends = np.cumsum(self._constant(node, 1))
        return tuple(
            tf.nn.bias_add(
                tf.nn.conv2d(pictures, kernel[..., begin:end], 1, "VALID"), shift[begin:end]
            )
            for begin, end in zip((0, *ends), ends, strict=False)
        )

    def sigmoid(self, node: Node) -> Tensor:
        return self.same(node)


LOWEST_HALF = -60_000.0
"""The lowest number of float16 is below it."""


def _repeat_first(pictures: Tensor) -> Tensor:
    """Repeat the first row and column: what a pool of 3x3 with stride 2 reaches beyond the edge."""
    taller = tf.concat([pictures[:, :1], pictures], axis=1)
    return tf.concat([taller[:, :, :1], taller], axis=2)


def _double(pictures: Tensor) -> Tensor:
    """Return pictures of twice the size, as bilinear resizing with half-pixel centers does."""
    taller = tf.concat([pictures[:, :1], pictures, pictures[:, -1:]], axis=1)
    edged = tf.concat([taller[:, :, :1], taller, taller[:, :, -1:]], axis=2)
    phases = [
        tf.nn.depthwise_conv2d(edged, _kernel(down, right, pictures.shape[3]), [1] * 4, "VALID")
        for down, right in product((False, True), repeat=2)
    ]
    return tf.nn.depth_to_space(tf.concat(phases, axis=3), 2)


def _kernel(down: bool, right: bool, channels: int) -> NDArray[np.float32]:  # noqa: FBT001
    """Return the weights for one of the four pixels that each pixel becomes."""
    first = np.array([FAR, NEAR, 0], np.float32)
    square = np.outer(first[::-1] if down else first, first[::-1] if right else first)
    return np.tile(square[:, :, np.newaxis, np.newaxis], (1, 1, channels, 1))
