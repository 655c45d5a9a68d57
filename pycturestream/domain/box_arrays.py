"""Boxes as rows of an array: x_min, y_min, x_max, y_max, in any unit."""

import numpy as np
from numpy.typing import NDArray


def shared_areas(boxes: NDArray[np.float32], box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the area that each of the boxes, [n, 4], has in common with one, [4]: [n]."""
    shared = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    areas: NDArray[np.float32] = np.prod(np.maximum(shared, 0), axis=-1)
    return areas
