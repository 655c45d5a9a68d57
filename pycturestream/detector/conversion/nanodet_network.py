"""NanoDet-g as one TensorFlow function: pictures in, boxes out.

For each cell of three grids the network (RangiLyu/nanodet, COCO-80) gives the distances of a box's
four sides from the cell's centre, each as a distribution over 11 distances ("Generalized Focal
Loss", Li et al. 2020), and a score for each label.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pycturestream.detector.conversion.channels_last import build_channels_last
from pycturestream.detector.conversion.graph_model import GraphModel
from pycturestream.detector.grid_boxes import BINS, BOX_LIMIT, CANDIDATES, SAME_OBJECT_IOU
from pycturestream.detector.tensorflow import tf

Tensor = Any

STRIDES = (8, 16, 32)
"""Pixels between the cells of each grid."""
CANVAS_STEP = max(STRIDES)

MEAN_RGB = np.array([123.675, 116.28, 103.53], np.float32)
STD_RGB = np.array([58.395, 57.12, 57.375], np.float32)
"""Mean and deviation of ImageNet's pictures, 0..255; the network was trained on (x-mean)/std."""

FIRST_KERNEL = "PartitionedCall/split"
SCORES = tuple(f"PartitionedCall/onnx_tf_prefix_Sigmoid_{number}" for number in (154, 165, 176))
SIDES = tuple(f"PartitionedCall/onnx_tf_prefix_Split_{number}:1" for number in (153, 164, 175))

SCORE_FLOOR = 0.05
"""Costs no time, and an evaluation sees the whole curve; thresholds belong to the labels."""


def build_nanodet(graph: GraphModel) -> Any:
    """Return a tf.Module whose `detect` is the network for pictures of any size.

    `detect` takes RGB pictures, uint8 [batch, height, width, 3], with sides that are multiples of
    CANVAS_STEP, and returns
    boxes float32 [batch, 100, 4] (x_min, y_min, x_max, y_max; 0..1 of the canvas),
    scores float32 [batch, 100] from high to low, classes int32 [batch, 100] and
    count int32 [batch]; what follows the first `count` boxes is padding.
    """
    module = tf.Module()
    module.weights = {
        name: tf.Variable(values, name=name, trainable=False)
        for name, values in graph.weights.items()
        if values.dtype == np.float16
    }

    def detect(pictures: Tensor) -> Mapping[str, Tensor]:
        outputs = build_channels_last(
            graph, centred(pictures), (*SCORES, *SIDES), kernels(module.weights)
        )
        scores = _as_cells(outputs[: len(SCORES)])
        sides = _as_cells(outputs[len(SCORES) :])
        return suppress(*select_cells(scores, sides, tf.shape(pictures)[1:3]))

    signature = [tf.TensorSpec([None, None, None, 3], tf.uint8, "pictures")]
    module.detect = tf.function(detect, input_signature=signature, autograph=False)
    return module


def centred(pictures: Tensor) -> Tensor:
    """Subtract the mean, with bias_add: a plain subtraction over three channels is slow."""
    return tf.nn.bias_add(tf.cast(pictures, tf.float32), -MEAN_RGB)


def kernels(weights: Mapping[str, Tensor]) -> Callable[[str], Tensor]:
    """Return the weights by name, the first kernel made to read centred RGB.

    The network was trained on BGR divided by the deviation. Both are linear, so they move
    into the kernel [height, width, channel, output]. With bias_add that saves 15 of 102 ms of
    processor time a picture.
    """

    def kernel(name: str) -> Tensor:
        values = tf.cast(weights[name], tf.float32)
        if name == FIRST_KERNEL:
            return values[:, :, ::-1] / STD_RGB[:, np.newaxis]
        return values

    return kernel


def _as_cells(grids: list[Tensor]) -> Tensor:
    """Join grids [batch, rows, columns, n] to cells [batch, cells, n]."""
    return tf.concat([tf.reshape(g, [tf.shape(g)[0], -1, g.shape[3]]) for g in grids], axis=1)


def select_cells(scores: Tensor, sides: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
    """Return boxes [batch, n, 4] and scores [batch, n, labels] of the best n cells.

    `size` is that of the canvas in pixels: height, width.
    """
    count = tf.minimum(CANDIDATES, tf.shape(scores)[1])
    best = tf.math.top_k(tf.reduce_max(scores, axis=-1), count).indices
    centres, strides = cell_places(size)
    boxes = decode_boxes(
        tf.gather(sides, best, batch_dims=1), tf.gather(centres, best), tf.gather(strides, best)
    )
    whole = tf.cast(tf.gather(size, [1, 0, 1, 0]), tf.float32)
    return boxes / whole, tf.gather(scores, best, batch_dims=1)


def cell_places(size: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cells' centres [cells, 2] as x, y and their strides [cells, 1], in pixels.

    `size` is that of the canvas: height, width.
    """
    centres, strides = [], []
    for stride in STRIDES:
        rows, columns = tf.meshgrid(
            tf.range(size[0] // stride), tf.range(size[1] // stride), indexing="ij"
        )
        cells = tf.cast(tf.reshape(tf.stack([columns, rows], axis=-1), [-1, 2]), tf.float32)
        centres.append((cells + 0.5) * stride)
        strides.append(tf.fill([tf.shape(cells)[0], 1], float(stride)))
    return tf.concat(centres, 0), tf.concat(strides, 0)


def decode_boxes(sides: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Return boxes [batch, n, 4] in pixels.

    `sides` are logits [batch, n, 44]: left, top, right, bottom, each over 11 distances. The
    expected distance counts.
    """
    likely = tf.nn.softmax(tf.reshape(sides, [tf.shape(sides)[0], -1, 4, BINS]))
    distances = tf.reduce_sum(likely * tf.range(BINS, dtype=tf.float32), axis=-1) * strides
    return tf.concat([centres - distances[..., :2], centres + distances[..., 2:]], axis=-1)


def suppress(boxes: Tensor, scores: Tensor) -> Mapping[str, Tensor]:
    """Keep the best of the boxes that show the same object, label by label."""
    kept_boxes, kept_scores, classes, count = tf.image.combined_non_max_suppression(
        boxes[:, :, tf.newaxis],
        scores,
        max_output_size_per_class=BOX_LIMIT,
        max_total_size=BOX_LIMIT,
        iou_threshold=SAME_OBJECT_IOU,
        score_threshold=SCORE_FLOOR,
    )
    return {
        "boxes": kept_boxes,
        "scores": kept_scores,
        "classes": tf.cast(classes, tf.int32),
        "count": count,
    }
