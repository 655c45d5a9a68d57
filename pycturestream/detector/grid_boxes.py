"""From the grids of NanoDet's network, in raw integers, to boxes.

Each cell has a raw score for each label, and the raw logits of a box's four sides, each over BINS
distances. Nearly all cells show nothing: scores are compared as they are, and only what reaches the
floor is decoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from pycturestream.detector.network import Found
from pycturestream.domain.box_arrays import shared_areas

BINS = 11
"""A side is at most 10 strides away from its cell's centre."""
SIDES = 4
"""Left, top, right, bottom."""
CANDIDATES = 512
"""Cells that reach the suppression: the best ones. On pedestrians this gave the same result as
all 4032 cells, and suppression then costs 1 ms a picture."""
SAME_OBJECT_IOU = 0.6
"""As in the original's configuration."""
VOTING_SHARE = 0.5
"""Of the best score. Boxes fit better with votes (AP of the plaza .605 instead of .597), and tracks
and zones get fewer wrong events: integers make boxes tremble."""
BOX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw integers of one picture, [rows, columns, n], and what they mean."""

    values: NDArray[np.int8]
    scale: float
    zero: int
    """A value means scale * (value - zero)."""

    def logits(self, chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the logits at these cells, [n, ...]; they are numbered row by row."""
        values = self.values.reshape(-1, self.values.shape[-1])[chosen]
        return np.float32(self.scale) * (values.astype(np.float32) - np.float32(self.zero))


@dataclass(frozen=True, slots=True)
class Grid:
    """One of a network's grids: the raw scores of its cells, and the raw sides of their boxes."""

    scores: Raw
    """[rows, columns, labels]."""
    sides: Raw
    """[rows, columns, SIDES * BINS]."""


def find_boxes(grids: Sequence[Grid], canvas: tuple[int, int], floor: float) -> Found:
    """Return the boxes of a picture whose scores reach the floor, without those of equal objects.

    `canvas` is its height and width in pixels.
    """
    parts = [_find_in(grid, canvas, floor) for grid in grids]
    boxes, scores, classes = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(-scores, kind="stable")
    kept, voted = _suppress(boxes[order], scores[order], classes[order])
    chosen = order[kept]
    size = np.array([canvas[1], canvas[0]] * 2, np.float32)
    return Found(np.clip(voted / size, 0, 1), scores[chosen], classes[chosen])


_Boxes = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]
"""Boxes in pixels of the canvas, scores and classes."""


def _find_in(grid: Grid, canvas: tuple[int, int], floor: float) -> _Boxes:
    raw = grid.scores
    lowest = ceil(raw.zero + log(floor / (1 - floor)) / raw.scale)
    labels = raw.values.shape[-1]
    # As int16 the limit may lie outside of int8, on both sides.
    reached = np.flatnonzero(raw.values.ravel() >= np.int16(min(max(lowest, -129), 128)))
    cells, classes = np.divmod(reached, labels)
    values = raw.values.ravel()[reached]
    if len(cells) > CANDIDATES:
        best = np.argsort(-values.astype(np.int16), kind="stable")[:CANDIDATES]
        cells, classes, values = cells[best], classes[best], values[best]
    logits = np.float32(raw.scale) * (values.astype(np.float32) - np.float32(raw.zero))
    scores = 1 / (1 + np.exp(-logits))
    return _boxes(grid.sides, cells, canvas), scores, classes.astype(np.int32)


def _boxes(sides: Raw, cells: NDArray[np.intp], canvas: tuple[int, int]) -> NDArray[np.float32]:
    """Return the boxes [n, 4] of these cells; a side's expected distance counts."""
    columns = sides.values.shape[1]
    stride = canvas[1] / columns
    logits = sides.logits(cells).reshape(-1, SIDES, BINS)
    likely = np.exp(logits - logits.max(axis=-1, keepdims=True))
    distances = likely @ np.arange(BINS, dtype=np.float32) / likely.sum(axis=-1) * stride
    rows, places = np.divmod(cells, columns)
    centres = (np.stack([places, rows], axis=-1) + 0.5) * stride
    corners = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=-1)
    return np.asarray(corners, np.float32)


def _suppress(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], classes: NDArray[np.int32]
) -> tuple[list[int], NDArray[np.float32]]:
    """Return the indices of the boxes to keep, best first, and the boxes that they become.

    Of those that show one object only the best is kept. It becomes the mean of all that have at
    least half of its score, weighted by score: the cells around an object's centre all measure it,
    each with its own rounding.
    (Gidaris & Komodakis 2015, "Object detection via a multi-region and semantic
    segmentation-aware CNN model", box voting.)
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = np.ones(len(boxes), bool)
    kept: list[int] = []
    voted: list[NDArray[np.float32]] = []
    for index in range(len(boxes)):
        if not left[index]:
            continue
        kept.append(index)
        shared_area = shared_areas(boxes, boxes[index])
        overlap = shared_area / np.maximum(areas + areas[index] - shared_area, 1e-9)
        same = (overlap > SAME_OBJECT_IOU) & (classes == classes[index])
        same[index] = True  # also of a box without area
        voters = left & same & (scores >= VOTING_SHARE * scores[index])
        voted.append(np.average(boxes[voters], axis=0, weights=scores[voters]))
        left &= ~same
        if len(kept) == BOX_LIMIT:
            break
    return kept, np.array(voted, np.float32).reshape(-1, 4)
