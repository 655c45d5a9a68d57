"""Pairs annotations with results, each at most once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

SAME_MS = 2_000
"""How far annotation and result may be apart: the camera may send one picture a second."""
Cost = int | None
"""The cost of pairing two, 0 or more; None if they can't be the same."""


def pair(costs: Sequence[Sequence[Cost]]) -> dict[int, int]:
    """Return the column of each row that has one.

    As many as possible are paired, at the lowest total cost.
    """
    if not costs or not costs[0]:
        return {}
    # More than all pairs can cost together: no saving outweighs a pair.
    far = (1 + max(cost or 0 for row in costs for cost in row)) * (len(costs) + 1)
    matrix = np.array([[far if cost is None else cost for cost in row] for row in costs])
    rows: Any
    columns: Any
    rows, columns = linear_sum_assignment(matrix)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if costs[row][column] is not None
    }
