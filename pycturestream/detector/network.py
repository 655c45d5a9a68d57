"""What a loaded network is to the detector, whatever arithmetic it computes in."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Found:
    """What a network found in one picture, best first."""

    boxes: NDArray[np.float32]
    """[n, 4]: x_min, y_min, x_max, y_max; 0..1 of the canvas."""
    scores: NDArray[np.float32]
    """[n]."""
    classes: NDArray[np.int32]
    """[n]: indices of labels."""


class Network(Protocol):
    """A network, loaded once per worker."""

    def find(self, pictures: NDArray[np.uint8], floor: float) -> list[Found]:
        """Return what is in each picture [batch, height, width, 3], with scores from `floor` on.

        A network may return lower scores too.
        """
