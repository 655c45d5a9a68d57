"""Preprocessing, decoding and suppression around the network, compared with NumPy."""

import numpy as np
import pytest

from pycturestream.detector.conversion import nanodet_network
from pycturestream.detector.conversion.channels_last import build_channels_last
from pycturestream.detector.conversion.graph_model import GraphModel, Node
from pycturestream.detector.conversion.nanodet_network import (
    FIRST_KERNEL,
    cell_places,
    decode_boxes,
    select_cells,
    suppress,
)
from pycturestream.detector.grid_boxes import BINS

SIZE = np.array([64, 96], np.int32)
"""Of the canvas: height, width."""


@pytest.fixture
def random():
    return np.random.default_rng(5)


def test_the_first_convolution_sees_bgr_less_the_mean_over_the_deviation(random):
    # Given a graph that is the first convolution only, padded as NanoDet pads it
    kernel = random.normal(size=(3, 3, 3, 4)).astype(np.float16)
    rows = np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32)
    nodes = (
        Node("picture", "Placeholder", (), {"shape": (1, 3, 8, 10)}),
        Node("pad", "Pad", ("picture", "rows"), {}),
        Node(
            "conv", "Conv2D", ("pad", FIRST_KERNEL), {"strides": (1, 1, 1, 1), "padding": "VALID"}
        ),
    )
    constants = tuple(Node(name, "Const", (), {}) for name in ("rows", FIRST_KERNEL))
    graph = GraphModel(constants + nodes, {"rows": rows, FIRST_KERNEL: kernel})
    rgb = random.integers(0, 256, (2, 8, 10, 3), dtype=np.uint8)

    [result] = build_channels_last(
        graph,
        nanodet_network.centred(rgb),
        ["conv"],
        nanodet_network.kernels({FIRST_KERNEL: kernel}),
    )

    # Then it equals the sum over a window of normalised BGR, as the network was trained
    bgr = rgb[..., ::-1].astype(np.float64)
    normalised = (bgr - [103.53, 116.28, 123.675]) / [57.375, 57.12, 58.395]
    padded = np.pad(normalised, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    expected = np.einsum("byxcij,ijco->byxo", windows, kernel.astype(np.float64))
    np.testing.assert_allclose(np.asarray(result), expected, atol=1e-3)


def test_cells_are_in_the_middle_of_their_squares_row_by_row():
    centres, strides = map(np.asarray, cell_places(SIZE))

    # Given 96x64, the grids have 12x8, 6x4 and 3x2 cells
    assert len(centres) == len(strides) == 96 + 24 + 6
    assert centres[0].tolist() == [4, 4]
    assert centres[1].tolist() == [12, 4]
    assert centres[12].tolist() == [4, 12]
    assert centres[96].tolist() == [8, 8]
    assert centres[-1].tolist() == [80, 48]
    assert sorted(set(strides[:, 0].tolist())) == [8, 16, 32]


def test_sides_are_expected_distances_in_strides(random):
    sides = random.normal(size=(2, 3, 4 * BINS)).astype(np.float32)
    centres = np.array([[4, 4], [40, 24], [80, 48]], np.float32)
    strides = np.array([[8], [16], [32]], np.float32)

    boxes = np.asarray(decode_boxes(sides, centres, strides))

    for picture in range(2):
        for cell in range(3):
            left, top, right, bottom = (
                sum(
                    distance * np.exp(logit) for distance, logit in enumerate(logits)
                ) / sum(np.exp(logits)) * strides[cell, 0]
                for logits in sides[picture, cell].reshape(4, BINS)
            )  # fmt: skip
            x, y = centres[cell]
            expected = [x - left, y - top, x + right, y + bottom]
            np.testing.assert_allclose(boxes[picture, cell], expected, rtol=1e-4)


def test_a_confident_cell_gives_its_box_in_fractions_of_a_canvas_that_is_not_square():
    # Given one cell of the second grid that is sure of a dog (16), with sides of 1, 2, 3 and
    # 1 strides; its centre is at 24, 8
    cell = 96 + 1
    scores = np.zeros((1, 126, 80), np.float32)
    scores[0, cell, 16] = 0.9
    sides = np.zeros((1, 126, 4, BINS), np.float32)
    for side, distance in enumerate((1, 2, 3, 1)):
        sides[0, cell, side, distance] = 100

    boxes, best = select_cells(scores, sides.reshape(1, 126, -1), SIZE)
    found = {name: np.asarray(value) for name, value in suppress(boxes, best).items()}

    assert found["count"].tolist() == [1]
    assert found["classes"][0, 0] == 16
    assert found["scores"][0, 0] == pytest.approx(0.9)
    expected = [(24 - 16) / 96, 0, (24 + 48) / 96, (8 + 16) / 64]
    assert found["boxes"][0, 0].tolist() == pytest.approx(expected)


def test_of_overlapping_boxes_the_best_of_each_label_is_kept():
    # Given two people at one place, a bicycle there, and a person elsewhere
    place, elsewhere = [0.1, 0.1, 0.5, 0.9], [0.6, 0.1, 0.9, 0.5]
    boxes = np.array([[place, place, place, elsewhere]], np.float32)
    scores = np.zeros((1, 4, 2), np.float32)
    scores[0, :, 0] = [0.7, 0.8, 0, 0.6]
    scores[0, 2, 1] = 0.5

    found = {name: np.asarray(value) for name, value in suppress(boxes, scores).items()}

    assert found["count"].tolist() == [3]
    assert found["scores"][0, :3].tolist() == pytest.approx([0.8, 0.6, 0.5])
    assert found["classes"][0, :3].tolist() == [0, 0, 1]
    np.testing.assert_allclose(found["boxes"][0, 1], elsewhere)
